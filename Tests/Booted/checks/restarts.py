"""What clients notice of a daemon that ends and comes back: a pause."""
import os
import signal
import threading

from inside.checking import Broken, check, same
from inside.connection import Closed, Connection
from inside.service import SOCKET

CLIENTS = 50
SECONDS = 30


class Crowd:
    """Clients that ask for the session as fast as they can, and connect again whenever they lose their connection."""

    def __init__(self, session):
        self.session = session
        self.changed = threading.Condition()
        self.over = False
        self.problems = []
        self.instances = [None] * CLIENTS
        self.threads = [threading.Thread(target=self._live, args=(number,)) for number in range(CLIENTS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over = True
        for thread in self.threads:
            thread.join()

    def _live(self, number):
        while not self.over:
            try:
                # Whoever cannot connect has found a moment without a listener.
                with Connection() as connection:
                    while not self.over:
                        self._saw(number, connection.call("session.get"))
            except Closed:
                continue
            except Exception as problem:
                with self.changed:
                    self.problems.append(repr(problem))
                    self.changed.notify()
                return

    def _saw(self, number, snapshot):
        with self.changed:
            session = snapshot["objects"]["session"]
            if session.get("value", {}).get("id") != self.session:
                self.problems.append(f"{snapshot['phase']}: {session}")
            self.instances[number] = snapshot["instance"]
            self.changed.notify()

    def all_on_another_than(self, instances):
        """The one daemon that all clients have come to, which is none of these."""
        def arrived():
            return self.problems or len(set(self.instances)) == 1 and self.instances[0] not in {None, *instances}
        with self.changed:
            if not self.changed.wait_for(arrived, SECONDS):
                raise Broken(f"clients did not all come back within {SECONDS} s: {self.instances}")
            if self.problems:
                raise Broken(f"{len(self.problems)} clients failed: {self.problems[:3]}")
            return self.instances[0]


def hurt(service, how, times):
    session = service.sign_up()["objects"]["session"]["value"]["id"]
    with Crowd(session) as crowd:
        instances = [crowd.all_on_another_than([])]
        for _ in range(times):
            how()
            instances.append(crowd.all_on_another_than(instances))
    same("the socket's state", service.show("ActiveState", SOCKET), "active")


@check(f"`systemctl restart` under {CLIENTS} clients loses no session and refuses no connection")
def restart(service):
    hurt(service, lambda: service.systemctl("restart"), 3)


@check(f"kill -9 under {CLIENTS} clients loses no session and refuses no connection")
def kill(service):
    hurt(service, lambda: os.kill(service.pid, signal.SIGKILL), 2)
    same("restarts", service.show("NRestarts"), "2")
