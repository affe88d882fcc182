"""The unit files and what lies beside them, as the manager reads them."""
import grp
import os
import stat

from inside.checking import check, holds, same
from inside.commands import must, run
from inside.connection import call
from inside.people import GROUP


def verify(*scope):
    done = run("systemd-analyze", *scope, "verify", "--man=no", "--recursive-errors=no",
               "sessiond.service", "sessiond.socket", env={"XDG_RUNTIME_DIR": "/run"})
    # What systemd ignores it only warns of, and the status stays 0.
    same("verify", (done.returncode, done.stdout + done.stderr), (0, ""))


@check("systemd finds no fault with the system's units")
def system_units(service):
    verify()


@check("systemd finds no fault with the units for users")
def user_units(service):
    verify("--user")


@check("the exposure of the service is 1.2 at most")
def exposure(service):
    done = run("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=12", "sessiond.service")
    holds("systemd-analyze security", done.returncode == 0, done.stdout[-200:])


@check("systemd before 253 does not get Type=notify-reload, which it would take for Type=simple", before=253)
def no_notify_reload(service):
    same("drop-ins", service.show("DropInPaths"), "")
    same("type", service.show("Type"), "notify")


@check("systemd 253 and later gets Type=notify-reload", since=253)
def notify_reload(service):
    same("type", service.show("Type"), "notify-reload")
    must("systemctl", "start", "sessiond.service")
    before = service.pid
    service.configure("profiles: {one: {provider: embedded}}\n")
    # Nothing is waited for afterwards: the manager does that.
    must("systemctl", "reload", "sessiond.service")
    same("profiles", [one["profile"] for one in call("profile.list")["profiles"]], ["one"])
    same("process", service.pid, before)


@check("the group of the socket is made, and making it again changes nothing")
def group(service):
    before = grp.getgrnam(GROUP)
    must("systemd-sysusers")
    same("group", grp.getgrnam(GROUP), before)


@check("the folders beside the service are made with their modes")
def folders(service):
    must("systemd-tmpfiles", "--create", "sessiond.conf")
    for path, mode in ("/run/sessiond", 0o755), ("/etc/credstore.encrypted", 0o700):
        status = os.stat(path)
        same(path, (stat.S_IMODE(status.st_mode), status.st_uid), (mode, 0))
