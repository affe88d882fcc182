"""A Redis of the benchmark's own: one process, a Unix socket, nothing on disk."""

import os
import shutil
import socket
import subprocess

from failure import Failure
from servers import child


def program():
    """The path of its program, or None where there is no Redis. Debian's redis-tools has the server too, under the
    name of one of its checks (redis-server is a link to it): the name it is called by decides. The package
    redis-server would also start a service on the machine."""
    path = shutil.which("redis-server")
    if path is not None:
        return path
    return shutil.which("redis-check-rdb")


def version():
    """Of the program that is measured, in its own words; it names the allocator too."""
    shown = subprocess.run(
        ["redis-server", "--version"], executable=program(), stdout=subprocess.PIPE, text=True, timeout=10, check=True)
    return shown.stdout.strip()


def get_request(key):
    return b"*2\r\n$3\r\nGET\r\n$%d\r\n%s\r\n" % (len(key), key)


def bulk(value):
    return b"$%d\r\n%s\r\n" % (len(value), value)


class Redis:
    """Holds `value` under `key`."""

    def __init__(self, place, key, value, environment=None):
        self.key, self.value = key, value
        folder = place.private("r")
        self.socket_path = os.path.join(folder, "redis.sock")
        self.log_path = os.path.join(folder, "log")
        self.environment = {**os.environ, **(environment or {})}
        self.arguments = [
            "redis-server", "--save", "", "--appendonly", "no", "--port", "0", "--unixsocket", self.socket_path,
            "--unixsocketperm", "700", "--dir", folder, "--daemonize", "no", "--maxclients", "512",
        ]
        self.process = None

    @property
    def pid(self):
        return self.process.pid

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = child.spawn(
                self.arguments, executable=program(), stdout=log, stderr=log, env=self.environment)
        child.wait_until("Redis", self._listens, self.process)
        self._ask(b"*3\r\n$3\r\nSET\r\n" + bulk(self.key) + bulk(self.value), b"+OK\r\n")
        self._ask(get_request(self.key), bulk(self.value))

    def stop(self):
        child.end(self.process)

    def _listens(self):
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(self.socket_path)
            return True
        except (FileNotFoundError, ConnectionRefusedError):
            return False

    def _ask(self, request, expected):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(self.socket_path)
            connection.sendall(request)
            reply = b""
            while len(reply) < len(expected):
                received = connection.recv(1 << 16)
                if not received:
                    break
                reply += received
        if reply != expected:
            raise Failure(f"Redis answered {reply[:100]!r}")
