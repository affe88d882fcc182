"""What the manager keeps from process to process, so that the next one serves before it has read the disk."""
import os
import signal
import textwrap

from inside.checking import check, holds, same
from inside.connection import Refused, call
from inside.people import sessionctl
from inside.service import STATE

RECORD = STATE / "profiles/default.sealed"


def session_id(snapshot):
    return snapshot["objects"]["session"]["value"]["id"]


def hide():
    """The record stays, and no daemon can read it: links are not followed."""
    away = RECORD.rename(RECORD.with_suffix(".away"))
    RECORD.symlink_to(away.name)


def unhide():
    RECORD.unlink()
    RECORD.with_suffix(".away").rename(RECORD)


def kill(service):
    before = service.pid
    os.kill(before, signal.SIGKILL)
    service.journal.expect("Scheduled restart job")
    # The socket stays, so that whoever connects now waits for the next process.
    snapshot = call("session.get")
    holds("another process", service.pid not in (0, before))
    return snapshot


@check("a session outlives kill -9 in what the manager has kept, where its record cannot be read")
def unreadable(service):
    session = session_id(service.sign_up())
    same("descriptors kept", service.show("NFileDescriptorStore"), "1")
    hide()
    snapshot = kill(service)
    same("session", session_id(snapshot), session)
    holds("phase", snapshot["phase"] in ("unverified", "active"), snapshot["phase"])
    service.journal.expect("the store cannot be read")
    same("sessionctl health", sessionctl("health").returncode, 1)
    try:
        call("session.invalidate")
    except Refused as refused:
        same("a change", refused.kind, "storeFailed")
    else:
        holds("a change was refused", False)
    same("session", session_id(call("session.get")), session)
    unhide()
    service.reload()
    service.journal.expect("the store works again")
    call("session.authenticate")
    same("session", session_id(call("session.get")), session)
    same("descriptors kept", service.show("NFileDescriptorStore"), "1")


@check("a session that ended does not come back from what the manager has kept")
def ended(service):
    service.sign_up()
    call("session.revoke")
    hide()
    same("phase", kill(service)["phase"], "signedOut")
    unhide()


@check("a stop ends what is kept, and a restart does not")
def stopped(service):
    session = session_id(service.sign_up())
    service.systemctl("restart")
    same("session", session_id(call("session.get")), session)
    same("descriptors kept", service.show("NFileDescriptorStore"), "1")
    service.systemctl("stop")
    same("descriptors kept", service.show("NFileDescriptorStore"), "0")
    hide()
    service.systemctl("start")
    same("phase", call("session.get")["phase"], "sealed")
    unhide()


@check("what somebody else has had kept for the service is let go of, and said")
def stranger(service):
    script = STATE.parent.parent / "stranger.py"
    script.write_text(textwrap.dedent("""\
        import os, socket
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.connect(os.environ["NOTIFY_SOCKET"])
        for name in ("stranger", "state-c"):
            memory = os.memfd_create(name)
            os.write(memory, b"not sealed, and no image")
            socket.send_fds(notify, [f"FDSTORE=1\\nFDNAME={name}".encode()], [memory])
        """))
    service.drop_in(f"NotifyAccess=all\nExecStartPost=+/usr/bin/python3 {script}")
    session = session_id(service.sign_up())
    service.becomes("NFileDescriptorStore", "3")
    service.drop_in("")
    same("session", session_id(kill(service)), session)
    service.journal.expect("kept as stranger is dropped: its name is none of this daemon's")
    entry = service.journal.expect("kept as state-c is dropped: it is no sealed memory")
    same("event", entry["SESSIOND_EVENT"], "image-refused")
    service.becomes("NFileDescriptorStore", "1")
    script.unlink()


@check("a manager that keeps nothing for the service is as good as none")
def nothing_kept(service):
    service.drop_in("FileDescriptorStoreMax=0")
    session = session_id(service.sign_up())
    same("descriptors kept", service.show("NFileDescriptorStore"), "0")
    same("session", session_id(kill(service)), session)
