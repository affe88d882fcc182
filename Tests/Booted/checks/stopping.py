"""The end of the service."""
import contextlib

from inside.checking import check, holds, same
from inside.connection import Connection
from inside.service import SOCKET

WATCHERS = 30


@check(f"stopping takes under 3 s with {WATCHERS} watchers, and each is told")
def stop(service):
    service.sign_up()
    with contextlib.ExitStack() as stack:
        watchers = [stack.enter_context(Connection()) for _ in range(WATCHERS)]
        for watcher in watchers:
            watcher.call("session.watch")
        seconds = service.seconds_of("stop")
        holds("seconds", seconds < 3, seconds)
        for watcher in watchers:
            same("reason", watcher.notification("subscription.closed")["reason"], "shutdown")
    same("result", (service.show("Result"), service.show("ExecMainStatus")), ("success", "0"))
    same("socket", service.show("ActiveState", SOCKET), "active")
