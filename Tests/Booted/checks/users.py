"""The units for users, under an ordinary user's own manager."""
import pathlib
import pwd
import stat
import time

from inside.checking import check, holds, same, within
from inside.commands import must
from inside.people import OWNER, PASSWORD, STRANGER, sessionctl

MANAGER = pathlib.Path("/etc/systemd/system/user@.service.d/booted.conf")


def begin():
    """Starts the user's manager; logind, which makes the runtime folder, has no place in the booted system."""
    entry = pwd.getpwnam(OWNER)
    MANAGER.parent.mkdir(exist_ok=True)
    MANAGER.write_text(
        "[Service]\nEnvironment=XDG_RUNTIME_DIR=/run/user/%i\n"
        'ExecStartPre=+/bin/sh -c "install -d -m 0700 -o %i -g %i /run/user/%i"\n')
    must("systemctl", "daemon-reload")
    must("systemctl", "restart", f"user@{entry.pw_uid}.service")
    return entry, {"XDG_RUNTIME_DIR": f"/run/user/{entry.pw_uid}"}


@check("under a user's own manager the first connection starts a daemon that is the user's alone")
def own_daemon(service):
    entry, env = begin()
    must("systemctl", "--user", "enable", "--now", "sessiond.socket", user=OWNER, env=env)
    done = sessionctl("signup", "--username", "ada", "--password-stdin", user=OWNER, env=env, input=PASSWORD + "\n")
    same("signup", (done.returncode, done.stderr), (0, ""))
    same("administration", sessionctl("authority", "users", user=OWNER, env=env).returncode, 0)

    def show(name):
        return must("systemctl", "--user", "show", "--value", "--property", name, "sessiond.service",
                    user=OWNER, env=env)
    same("service", (show("ActiveState"), show("NRestarts")), ("active", "0"))
    # It is told five times a second at most, and the sign-in was quicker.
    deadline = time.monotonic() + 10
    while "1 profile: 1 active" not in show("StatusText") and time.monotonic() < deadline:
        time.sleep(0.02)
    within("status line", show("StatusText"), "1 profile: 1 active")
    holds("type", show("Type") in ("notify", "notify-reload"), show("Type"))
    owner = pathlib.Path(f"/proc/{show('MainPID')}").stat().st_uid
    same("user", owner, entry.pw_uid)

    socket = f"/run/user/{entry.pw_uid}/sessiond/sessiond.sock"
    same("socket", stat.S_IMODE(pathlib.Path(socket).stat().st_mode), 0o600)
    state = pathlib.Path(entry.pw_dir, ".local/state/sessiond")
    same("state", (stat.S_IMODE(state.stat().st_mode), state.stat().st_uid), (0o700, entry.pw_uid))

    other = sessionctl("--socket", socket, "status", user=STRANGER)
    same("another user", other.returncode, 77)
    must("systemctl", "--user", "restart", "sessiond.service", user=OWNER, env=env)
    same("after a restart", sessionctl("status", "--check", "--quiet", user=OWNER, env=env).returncode, 0)
    must("systemctl", "--user", "stop", "sessiond.service", "sessiond.socket", user=OWNER, env=env)
    same("result", show("Result"), "success")
