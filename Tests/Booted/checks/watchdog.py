"""The manager's watchdog and the daemon's own, which tells it only what it has tried."""
import os
import signal
import time

from inside.checking import Broken, check, holds, same
from inside.connection import call

SECONDS = 3


def session_id(snapshot):
    return snapshot["objects"]["session"]["value"]["id"]


def watched(service):
    service.drop_in(f"WatchdogSec={SECONDS}s")
    service.systemctl("start")


def pinged(service):
    """When the manager was last told that the daemon lives, in microseconds of its monotonic clock."""
    return int(service.show("WatchdogTimestampMonotonic"))


def pings(service, times):
    """Waits until the manager has been told so often."""
    for _ in range(times):
        before, deadline = pinged(service), time.monotonic() + SECONDS
        while pinged(service) == before:
            if time.monotonic() > deadline:
                raise Broken(f"no ping within {SECONDS} s")
            time.sleep(0.05)


@check("the manager wants to hear within 30 s that the service lives")
def interval(service):
    service.systemctl("start")
    same("watchdog", service.show("WatchdogUSec"), "30s")


@check("a frozen daemon is restarted by the watchdog, and the session is there afterwards")
def frozen(service):
    watched(service)
    session = session_id(service.sign_up())
    pings(service, 1)
    os.kill(service.pid, signal.SIGSTOP)
    service.journal.expect("[Ww]atchdog timeout")
    service.becomes("NRestarts", "1")
    same("session", session_id(call("session.get")), session)
    service.becomes("ActiveState", "active")
    same("result", service.show("Result"), "success")


@check("the daemon's ping goes over the socket that it was handed: it may connect, and is no client")
def socket(service):
    watched(service)
    pings(service, 2)
    found = {one["name"]: one for one in call("server.health")["checks"]}
    same("check", (found["socket"]["ok"], found["socket"]["detail"]), (True, "ok"))
    holds("age", found["socket"]["ageMs"] < SECONDS * 1000, found["socket"])
    status = call("server.status")
    # This one and the one before.
    same("connections", (status["connections"], status["counters"]["connections"]), (1, 2))


@check("an auth service that is out of reach leads to no restart, however long the heartbeats fail")
def no_network(service):
    service.configure(
        "profiles:\n  default:\n    provider: agnost\n    baseURL: https://192.0.2.1/env-1\n    apiKey: k\n"
        "    heartbeat: {interval: 1s, timeout: 1s}\n")
    watched(service)
    call("session.update", sessionToken="handed-in-elsewhere", session={"token": "handed-in-elsewhere"})
    pid = service.pid
    pings(service, 3 * SECONDS)
    found = call("server.health")
    same("health", (found["live"], found["status"]), (True, "degraded"))
    same("upstream", [one["ok"] for one in found["checks"] if one["name"] == "upstream"], [False])
    same("service", (service.pid, service.show("NRestarts")), (pid, "0"))
