"""What the units wrote to the journal."""
import json
import re
import select
import subprocess
import time

from .checking import Broken
from .commands import must

SECONDS = 20


class Journal:
    """The service's entries from now on."""

    def __init__(self, unit):
        self.match = ["--unit", unit]
        self.start = cursor()

    def entries(self):
        """Each entry as an object, the manager's words about the unit too."""
        must("journalctl", "--sync")
        text = must("journalctl", "--after-cursor", self.start, *self.match, "--output=json", "--quiet")
        return [json.loads(line) for line in text.splitlines()]

    def messages(self):
        return [message(entry) for entry in self.entries()]

    def expect(self, pattern, seconds=SECONDS):
        """The first entry from now on, or already there, whose message has the pattern."""
        follow = ["journalctl", "--after-cursor", self.start, *self.match, "--output=json", "--follow", "--lines=all"]
        deadline = time.monotonic() + seconds
        with subprocess.Popen(follow, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as reader:
            try:
                rest = b""
                while select.select([reader.stdout], [], [], max(0, deadline - time.monotonic()))[0]:
                    *lines, rest = (rest + reader.stdout.read1()).split(b"\n")
                    for entry in map(json.loads, lines):
                        if re.search(pattern, message(entry)):
                            return entry
            finally:
                reader.kill()
        raise Broken(f"the journal does not get {pattern!r} within {seconds} s; it has {self.messages()}")


def message(entry):
    """Bytes that are no UTF-8 come as a list of numbers."""
    text = entry.get("MESSAGE") or ""
    return text if isinstance(text, str) else bytes(text).decode(errors="replace")


def cursor():
    must("journalctl", "--sync")
    last = must("journalctl", "--lines=1", "--show-cursor", "--quiet", "--output=cat").splitlines()[-1]
    return last.removeprefix("-- cursor: ")


def everything():
    """The whole journal with every field of every entry."""
    must("journalctl", "--sync")
    done = subprocess.run(["journalctl", "--all", "--output=export"], capture_output=True, check=True, timeout=60)
    return done.stdout
