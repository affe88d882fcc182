"""How the service comes up, and what the manager knows of it."""
import re

from inside.checking import check, holds, same
from inside.connection import Connection, call
from inside.people import sessionctl
from inside.service import SOCKET


@check("the first connection starts the service, and is answered")
def first_connection(service):
    same("before", (service.show("ActiveState"), service.show("ActiveState", SOCKET)), ("inactive", "active"))
    with Connection() as connection:
        same("ping", connection.call("server.ping", n=1), {"n": 1})
    # The daemon answers before the manager has taken its READY in.
    service.becomes("ActiveState", "active")
    same("after", service.show("SubState"), "running")


@check("a client that connected before the daemon could start is answered when it has")
def early_client(service):
    # The start waits for this.
    service.drop_in("ExecStartPre=/bin/sleep 1")
    done = sessionctl("status")
    same("status", (done.returncode, done.stderr), (0, ""))


@check("the manager shows readiness and a status line without names, and has restarted nothing")
def status_line(service):
    service.configure("profiles: {hidden-name: {provider: embedded}, other: {provider: embedded}}\n"
                      "defaultProfile: other\n")
    service.systemctl("start")
    same("status", service.show("StatusText"), "2 profiles: 2 signed out")
    service.sign_up()
    service.becomes("StatusText", "2 profiles: 1 active, 1 signed out")
    call("session.authenticate")
    service.becomes("StatusText", re.compile("2 profiles: 1 active, 1 signed out; last check [0-9]+ s ago"))
    same("restarts", service.show("NRestarts"), "0")
    same("result", service.show("Result"), "success")


@check("sessionctl finds the system's socket by itself")
def found(service):
    done = sessionctl("--json", "config")
    same("sessionctl config", (done.returncode, done.stderr), (0, ""))
    holds("socket", '"/run/sessiond/sessiond.sock"' in done.stdout, done.stdout)


@check("the service starts without a network")
def no_network(service):
    # The booted system has a loopback interface and nothing else; a provider far away cannot be reached from it.
    service.configure("profiles: {far: {provider: agnost, baseURL: 'https://agnost.example.com/env-1', apiKey: k}}\n")
    service.systemctl("start")
    same("health", call("server.health")["ready"], True)
