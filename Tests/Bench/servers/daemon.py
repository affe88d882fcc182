"""A sessiond of the benchmark's own, in a private folder."""

import ctypes
import json
import os
import select
import socket
import struct
import time

from failure import Failure
from servers import child, readings

SO_ATTACH_FILTER = 26


def rpc(connection, method, /, **params):
    """One request and its result."""
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    connection.sendall(json.dumps(request).encode() + b"\n")
    line = b""
    while not line.endswith(b"\n"):
        received = connection.recv(1 << 20)
        if not received:
            raise Failure(f"{method}: the daemon closed the connection")
        line += received
    answer = json.loads(line)
    if "result" not in answer:
        raise Failure(f"{method}: {answer['error']['message']}")
    return answer["result"]


class Manager:
    """The end of a notify socket (sd_notify(3)). Once the daemon is ready, the kernel takes every further message and
    throws it away: a service manager that listens, and costs nothing."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)

    def hears_ready_within(self, seconds):
        return bool(select.select([self.socket], [], [], seconds)[0]) and (
            b"READY=1" in self.socket.recv(4096).split(b"\n"))

    def ignore(self):
        """A filter of one instruction, `ret 0`, keeps no byte of any message (bpf(4) as socket(7) attaches it)."""
        instruction = ctypes.create_string_buffer(struct.pack("=HBBI", 0x06, 0, 0, 0))
        program = struct.pack("HP", 1, ctypes.addressof(instruction))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)

    def close(self):
        self.socket.close()
        os.unlink(self.path)


class Daemon:
    """One sessiond, which may be started again. `folder` holds its state, socket and log."""

    def __init__(self, program, folder, configuration="", environment=None):
        self.folder = folder
        self.socket_path = os.path.join(folder, "sessiond.sock")
        self.log_path = os.path.join(folder, "log")
        self.environment = environment or {}
        self.configuration_path = os.path.join(folder, "sessiond.yaml")
        self.configure(configuration)
        self.command = [
            program, "--config", self.configuration_path, "--state-dir", os.path.join(folder, "state"),
            "--socket", self.socket_path,
        ]
        self.process = None
        self.manager = None

    @property
    def pid(self):
        return self.process.pid

    def configure(self, text):
        """What the next start reads."""
        with open(self.configuration_path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.configuration_path, 0o600)

    def start(self):
        """Comes back when the daemon has said READY."""
        self.manager = Manager(os.path.join(self.folder, "notify"))
        environment = {"PATH": "/usr/bin:/bin", "NOTIFY_SOCKET": self.manager.path, **self.environment}
        with open(self.log_path, "ab") as log:
            self.process = child.spawn(self.command, stdout=log, stderr=log, env=environment)
        self._wait_for_ready()
        self.manager.ignore()

    def _wait_for_ready(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self.manager.hears_ready_within(0.1):
                return
            if self.process.poll() is not None:
                break
        raise Failure(f"sessiond did not become ready:\n{child.log_text(self.log_path)}")

    def stop(self):
        child.end(self.process)
        if self.manager is not None:
            self.manager.close()
            self.manager = None

    def connect(self):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(10)
        connection.connect(self.socket_path)
        return connection

    def call(self, method, /, **params):
        with self.connect() as connection:
            return rpc(connection, method, **params)

    def answer_line(self, request):
        """What it answers to one line, byte by byte."""
        with self.connect() as connection:
            connection.sendall(request)
            reply = b""
            while not reply.endswith(b"\n"):
                received = connection.recv(1 << 20)
                if not received:
                    raise Failure("the daemon closed the connection")
                reply += received
        return reply

    def active_profiles(self):
        """How many profiles have a session that their provider has confirmed."""
        listed = self.call("profile.list")["profiles"]
        return sum(entry["phase"] == "active" for entry in listed)

    def memory(self):
        return readings.resident_at_rest(self.pid)


def signed_in(place, configuration="", environment=None):
    """A running daemon with one user, signed in to the default profile by the embedded authority."""
    daemon = place.start(Daemon(place.sessiond, place.private("d"), configuration, environment))
    daemon.call("session.signUp", method="password", username="ada", password="correct horse battery staple",
                name="Ada Lovelace", sessionDurationMinutes=1440)
    return daemon
