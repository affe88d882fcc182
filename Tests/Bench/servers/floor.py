"""The floor: a bare epoll loop that answers every line with the same reply."""

import os
import subprocess

from failure import Failure
from servers import child


class Floor:
    def __init__(self, place, reply_path, environment=None):
        self.socket_path = os.path.join(place.private("f"), "floor.sock")
        self.command = [place.tool_path("floor"), self.socket_path, reply_path]
        self.environment = {**os.environ, **(environment or {})}
        self.process = None

    @property
    def pid(self):
        return self.process.pid

    def start(self):
        self.process = child.spawn(self.command, stdout=subprocess.PIPE, env=self.environment)
        if self.process.stdout.readline() != b"ready\n":
            raise Failure("the floor did not start")

    def stop(self):
        child.end(self.process)
        self.process.stdout.close()
