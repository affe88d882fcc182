"""A sessiond of the benchmark's own, in a private folder, and the floor beside it."""

import json
import os
import re
import select
import signal
import socket
import subprocess
import time


class Failure(Exception):
    """The benchmark cannot go on; the text says why."""


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


class Daemon:
    """One running sessiond. `folder` holds its state, socket and log; it must be short enough for a socket's path."""

    def __init__(self, program, folder, configuration):
        self.folder = folder
        self.socket_path = os.path.join(folder, "sessiond.sock")
        self.log_path = os.path.join(folder, "log")
        configuration_path = os.path.join(folder, "sessiond.yaml")
        with open(configuration_path, "w", encoding="utf-8") as file:
            file.write(configuration)
        os.chmod(configuration_path, 0o600)
        self.command = [
            program, "--config", configuration_path, "--state-dir", os.path.join(folder, "state"),
            "--socket", self.socket_path,
        ]
        self.process = None

    @property
    def pid(self):
        return self.process.pid

    def start(self):
        """Comes back when the daemon has said READY."""
        notify_path = os.path.join(self.folder, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, open(self.log_path, "ab") as log:
            notify.bind(notify_path)
            try:
                self.process = subprocess.Popen(
                    self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    env={"PATH": "/usr/bin:/bin", "NOTIFY_SOCKET": notify_path})
                self._wait_for_ready(notify)
            finally:
                os.unlink(notify_path)

    def _wait_for_ready(self, notify):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if select.select([notify], [], [], 0.1)[0] and b"READY=1" in notify.recv(4096).split(b"\n"):
                return
            if self.process.poll() is not None:
                break
        raise Failure(f"sessiond did not become ready:\n{self.log()}")

    def stop(self):
        """SIGTERM, and SIGKILL where that does not help."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def connect(self):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(10)
        connection.connect(self.socket_path)
        return connection

    def call(self, method, /, **params):
        with self.connect() as connection:
            return rpc(connection, method, **params)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def memory(self):
        """Resident kilobytes, when they have come to rest. A daemon that forbids dumps shows its smaps to root alone;
        for others there is the coarser VmRSS."""
        last = None
        for _ in range(30):
            now = self._resident()
            if last is not None and abs(now["Rss"] - last["Rss"]) <= 64:
                return now
            last = now
            time.sleep(0.1)
        return last

    def _resident(self):
        try:
            with open(f"/proc/{self.pid}/smaps_rollup", encoding="ascii") as file:
                text = file.read()
            names = ["Rss", "Pss", "Private_Dirty", "Private_Clean"]
        except PermissionError:
            with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
                text = file.read().replace("VmRSS", "Rss")
            names = ["Rss"]
        return {name: int(re.search(rf"^{name}:\s*(\d+) kB", text, re.M).group(1)) for name in names}

    def threads(self):
        return len(os.listdir(f"/proc/{self.pid}/task"))


class Floor:
    """The raw epoll server, answering every line with `reply`."""

    def __init__(self, tools, folder, name, reply):
        self.socket_path = os.path.join(folder, f"floor-{name}.sock")
        reply_path = os.path.join(folder, f"floor-{name}.reply")
        with open(reply_path, "wb") as file:
            file.write(reply)
        self.process = subprocess.Popen(
            [os.path.join(tools, "floor"), self.socket_path, reply_path], stdout=subprocess.PIPE)
        if self.process.stdout.readline() != b"ready\n":
            raise Failure("the floor did not start")

    @property
    def pid(self):
        return self.process.pid

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
