"""What must not disturb another client: each is a context in which it goes on."""

import contextlib
import json
import threading

from servers.daemon import rpc
from servers.upstream import TOKEN

IDLE_CONNECTIONS = 500
HUNG_CALLS = 30
# More than the buffers of a socket hold, at 1 KiB a notification.
CHANGES_UNREAD = 400


@contextlib.contextmanager
def _every(seconds, action):
    """Calls `action` from a thread of its own."""
    over = threading.Event()

    def repeat():
        while not over.wait(seconds):
            action()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextlib.contextmanager
def idle_connections(daemon):
    """They have each asked once."""
    with contextlib.ExitStack() as open_connections:
        for _ in range(IDLE_CONNECTIONS):
            rpc(open_connections.enter_context(daemon.connect()), "server.ping")
        yield


@contextlib.contextmanager
def slow_loris(daemon):
    """A request that arrives at a byte a second."""
    rest = iter(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "session.get", "params": {"profile": "x" * 200}}))
    with daemon.connect() as connection, _every(1, lambda: connection.sendall(next(rest).encode())):
        connection.sendall(next(rest).encode())
        yield


@contextlib.contextmanager
def deaf_watcher(daemon):
    """A watcher that reads no notification: first until its socket is full, and then ten more changes a second."""
    numbers = iter(range(10 ** 9))

    def change():
        rpc(author, "user.update", profile="watched", user={"username": "ada", "name": f"number {next(numbers)}"})

    with daemon.connect() as watcher, daemon.connect() as author:
        rpc(watcher, "session.watch", profile="watched")
        for _ in range(CHANGES_UNREAD):
            change()
        with _every(0.1, change):
            yield


@contextlib.contextmanager
def hung_provider(daemon):
    """A heartbeat every second that no one answers, and as many calls as a connection may have under way."""
    daemon.call("session.update", profile="hung", sessionToken=TOKEN)
    with daemon.connect() as connection:
        for number in range(HUNG_CALLS):
            call = {"jsonrpc": "2.0", "id": number, "method": "session.authenticate", "params": {"profile": "hung"}}
            connection.sendall(json.dumps(call).encode() + b"\n")
        yield
    daemon.call("session.invalidate", profile="hung")


@contextlib.contextmanager
def all_of_them(daemon):
    with hung_provider(daemon), deaf_watcher(daemon), slow_loris(daemon), idle_connections(daemon):
        yield


NUISANCES = {
    "hungProvider": hung_provider, "deafWatcher": deaf_watcher, "slowLoris": slow_loris,
    "idleConnections": idle_connections, "all": all_of_them,
}
