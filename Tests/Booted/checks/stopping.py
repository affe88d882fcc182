"""The end of the service."""
import contextlib
import socket
import threading

from inside.checking import check, holds, same
from inside.connection import Closed, Connection, Refused
from inside.service import SOCKET

WATCHERS = 30
MOST = 3
SECONDS = 20


@check(f"stopping takes under {MOST} s with {WATCHERS} watchers, and each is told")
def stop(service):
    service.sign_up()
    with contextlib.ExitStack() as stack:
        watchers = [stack.enter_context(Connection()) for _ in range(WATCHERS)]
        for watcher in watchers:
            watcher.call("session.watch")
        seconds = service.seconds_of("stop")
        holds("seconds", seconds < MOST, seconds)
        for watcher in watchers:
            same("reason", watcher.notification("subscription.closed")["reason"], "shutdown")
    same("result", (service.show("Result"), service.show("ExecMainStatus")), ("success", "0"))
    same("socket", service.show("ActiveState", SOCKET), "active")


@check(f"stopping takes under {MOST} s while an auth service does not answer; who waits for that is let go")
def unanswered(service):
    said = []

    def sign_in():
        with Connection() as connection:
            try:
                user = {"email": "mia@example.test", "password": "p"}
                said.append(connection.call("session.signIn", method="password", **user))
            except Refused as refused:
                said.append(refused.kind)
            except Closed:
                said.append("closed")

    with socket.create_server(("127.0.0.1", 0)) as upstream:
        upstream.settimeout(SECONDS)
        service.configure(
            "profiles:\n  default:\n    provider: agnost\n"
            f"    baseURL: http://127.0.0.1:{upstream.getsockname()[1]}/env-1\n    apiKey: k\n")
        client = threading.Thread(target=sign_in)
        client.start()
        try:
            call, _ = upstream.accept()
            with call:
                call.settimeout(SECONDS)
                holds("the call has come", call.recv(1))
                seconds = service.seconds_of("stop")
                holds("seconds", seconds < MOST, seconds)
        finally:
            client.join()
    # What has started is let finish for two seconds; this never would.
    same("the client", said, ["closed"])
    same("result", (service.show("Result"), service.show("ExecMainStatus")), ("success", "0"))
