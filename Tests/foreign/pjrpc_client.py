"""pjrpc: typed errors, its own checks of ids and versions, a proxy and batches, synchronously."""
import contextlib
import socket

import pjrpc
from pjrpc.client import AbstractClient, exceptions


class LineClient(AbstractClient):
    """pjrpc over a Unix socket, one message a line."""

    def __init__(self, path):
        super().__init__()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(20)
        self.socket.connect(path)
        self.stream = self.socket.makefile("rwb")

    def _request(self, request_text, is_notification, request_kwargs):
        self.stream.write(request_text.encode() + b"\n")
        self.stream.flush()
        if is_notification:
            return None
        line = self.stream.readline()
        if not line:
            raise ConnectionError("the daemon has closed the connection")
        return line.decode()


def run(path, tally):
    client = LineClient(path)
    with contextlib.closing(client.socket), contextlib.closing(client.stream):
        tally.check("pjrpc: ping", client.call("server.ping") == {})
        tally.check("pjrpc: by name", client.call("server.ping", n=1) == {"n": 1})
        with tally.raises("pjrpc: an unknown method", exceptions.MethodNotFoundError):
            client.call("no.such")
        with tally.raises(
            "pjrpc: an unknown param", exceptions.InvalidParamsError,
            lambda error: error.data["unknown"] == ["nonsense"],
        ):
            client.call("session.get", nonsense=1)
        with tally.raises(
            "pjrpc: an error of the daemon's own", exceptions.JsonRpcError,
            lambda error: error.code == 1002 and error.data["kind"] == "notSignedIn",
        ):
            client.call("session.token", profile="other")
        client.notify("server.ping", n=1)
        tally.check("pjrpc: nothing answers a notification", client.call("server.ping", n=2) == {"n": 2})
        with client.batch() as batch:
            batch("server.ping", n=1)
            batch("profile.list")
            batch.notify("server.ping", n=3)
        answers = batch.get_results()
        tally.check(
            "pjrpc: a batch",
            answers[0] == {"n": 1} and [profile["profile"] for profile in answers[1]["profiles"]] == ["default", "other"])
