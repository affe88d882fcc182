"""One connection to the daemon (docs/protocol.md), with Python's own JSON."""
import json
import socket

SYSTEM = "/run/sessiond/sessiond.sock"
SECONDS = 20


class Refused(Exception):
    """The daemon answered with an error."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.kind = error["data"]["kind"]
        self.data = error["data"]


class Closed(Exception):
    """The daemon has closed the connection."""


class Connection:
    def __init__(self, path=SYSTEM):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(SECONDS)
        self.last = 0
        self.notifications = []
        try:
            self.socket.connect(path)
        except BaseException:
            self.socket.close()
            raise
        self.lines = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.lines.close()
        self.socket.close()

    def call(self, method, /, **params):
        self.last += 1
        request = {"jsonrpc": "2.0", "id": self.last, "method": method, "params": params}
        try:
            self.socket.sendall(json.dumps(request).encode() + b"\n")
        except (BrokenPipeError, ConnectionResetError):
            raise Closed from None
        while True:
            answer = self._line()
            if "id" not in answer:
                self.notifications.append(answer)
            elif "error" in answer:
                raise Refused(answer["error"])
            else:
                return answer["result"]

    def notification(self, method):
        """The next notification of the method."""
        while True:
            for index, one in enumerate(self.notifications):
                if one["method"] == method:
                    return self.notifications.pop(index)["params"]
            self.notifications.append(self._line())

    def _line(self):
        try:
            line = self.lines.readline()
        except ConnectionResetError:
            raise Closed from None
        if not line.endswith(b"\n"):
            raise Closed
        return json.loads(line)


def call(method, /, **params):
    with Connection() as connection:
        return connection.call(method, **params)
