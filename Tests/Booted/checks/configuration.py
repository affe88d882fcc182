"""A configuration that is read again, and one that cannot be used."""
from inside.checking import check, holds, same, within
from inside.commands import run
from inside.connection import call
from inside.people import sessionctl
from inside.service import SOCKET

WRONG = "profiles:\n  one: {provider: embedded}\n  two: {provider: embeded}\n"
PLACE = r"sessiond\.yaml:3:19"


def profiles():
    return sorted(one["profile"] for one in call("profile.list")["profiles"])


@check("a good configuration is in force after a reload, and sessions go on")
def good_reload(service):
    before = service.sign_up()
    pid = service.pid
    service.configure("profiles: {default: {provider: embedded}, more: {provider: embedded}}\n")
    service.reload()
    same("profiles", profiles(), ["default", "more"])
    same("process", service.pid, pid)
    after = call("session.get", profile="default")
    same("session", after["objects"]["session"]["value"]["id"], before["objects"]["session"]["value"]["id"])
    service.becomes("StatusText", "2 profiles: 1 active, 1 signed out")


@check("a bad configuration changes nothing at a reload; the journal has file, line and column")
def bad_reload(service):
    service.configure("profiles: {one: {provider: embedded}}\n")
    service.systemctl("start")
    pid = service.pid
    service.configure(WRONG)
    service.reload()
    entry = service.journal.expect(PLACE)
    same("priority", entry["PRIORITY"], "3")
    same("profiles", profiles(), ["one"])
    same("service", (service.show("ActiveState"), service.pid), ("active", pid))


@check("a wrong configuration at the start ends with 78, the reason in the status line, and no restart")
def wrong_at_start(service):
    service.configure(WRONG)
    holds("start", run("systemctl", "start", "sessiond.service").returncode != 0)
    same("state", (service.show("ActiveState"), service.show("ExecMainStatus")), ("failed", "78"))
    same("restarts", service.show("NRestarts"), "0")
    within("status line", service.show("StatusText"), "the configuration cannot be used")
    service.journal.expect(PLACE)


@check("a client that waits while the configuration is wrong is told so by a closed connection, and starts it once")
def waiting_client(service):
    service.configure(WRONG)
    done = sessionctl("status")
    same("sessionctl status", done.returncode, 69)
    service.journal.expect("Failed to start")
    # The manager has taken the end of the service in, and would start it again for a connection that is left.
    service.becomes("SubState", "listening", SOCKET)
    same("starts", len([one for one in service.journal.messages() if one.startswith("Starting ")]), 1)
    service.configure("profiles: {one: {provider: embedded}}\n")
    same("profiles", profiles(), ["one"])


@check("once a wrong configuration has been mended, the next connection finds the service")
def mended(service):
    service.configure(WRONG)
    run("systemctl", "start", "sessiond.service")
    service.configure("profiles: {one: {provider: embedded}}\n")
    same("profiles", profiles(), ["one"])
    same("socket", service.show("ActiveState", SOCKET), "active")
