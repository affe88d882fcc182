"""Auth services on loopback, as an Agnost environment would be: one that confirms every session, one that hangs."""

import json
import socket
import subprocess

from failure import Failure
from servers import child
from servers.counter import Counter

USER = {
    "_id": "64b0c0ffee64b0c0ffee0001", "email": "ada@example.test", "name": "Ada Lovelace",
    "signUpAt": "2026-01-05T09:00:00.000Z",
}
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzZXNzaW9uIjoiYmVuY2gifQ.c2lnbmF0dXJl"
SESSION = {"token": TOKEN, "userId": USER["_id"], "creationDtm": "2026-01-05T09:00:00.000Z", "userAgent": {}}


def profile(port, interval):
    """The settings of a profile whose service listens there."""
    return (f"{{provider: agnost, baseURL: 'http://127.0.0.1:{port}/env-bench', apiKey: at-bench, "
            f"heartbeat: {{interval: {interval}}}}}")


class ConfirmingUpstream:
    """Confirms every session, and counts how often it was asked for the user: once a heartbeat."""

    def __init__(self, place):
        self.asked = Counter(place)
        self.command = [place.tool_path("upstream"), self.asked.path]
        for path_end, answer in {"/auth/user": USER, "/auth/sessions": [SESSION]}.items():
            self.command += [path_end, place.file("a", json.dumps(answer).encode())]
        self.process = None
        self.port = None

    def start(self):
        self.process = child.spawn(self.command, stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        if not line:
            raise Failure("the fake upstream did not start")
        self.port = int(line)

    def stop(self):
        child.end(self.process)
        self.process.stdout.close()


class HungUpstream:
    """The kernel accepts its connections, and nobody ever reads or answers."""

    def __init__(self):
        self.listener = None

    @property
    def port(self):
        return self.listener.getsockname()[1]

    def start(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)

    def stop(self):
        self.listener.close()
