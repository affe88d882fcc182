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
    """A unit's entries from now on: its processes' and the manager's about it."""

    def __init__(self, unit):
        self.unit = unit
        must("journalctl", "--sync")
        last = must("journalctl", "--lines=1", "--show-cursor", "--quiet", "--output=cat").splitlines()[-1]
        # Not together with --unit: journalctl then skips one entry too many, where the one at the cursor is another's.
        self.read = ["journalctl", "--after-cursor", last.removeprefix("-- cursor: "), "--output=json", "--quiet"]

    def entries(self):
        """Each entry as an object."""
        must("journalctl", "--sync")
        return self._ours(must(*self.read).splitlines())

    def messages(self):
        return [message(entry) for entry in self.entries()]

    def expect(self, pattern, seconds=SECONDS):
        """The first entry from now on, or already there, whose message has the pattern."""
        deadline = time.monotonic() + seconds
        follow = [*self.read, "--follow", "--lines=all"]
        with subprocess.Popen(follow, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as reader:
            try:
                rest = b""
                while select.select([reader.stdout], [], [], max(0, deadline - time.monotonic()))[0]:
                    *lines, rest = (rest + reader.stdout.read1()).split(b"\n")
                    for entry in self._ours(lines):
                        if re.search(pattern, message(entry)):
                            return entry
            finally:
                reader.kill()
        raise Broken(f"the journal does not get {pattern!r} within {seconds} s; it has {self.messages()}")

    def _ours(self, lines):
        return [entry for entry in map(json.loads, lines)
                if self.unit in (entry.get("_SYSTEMD_UNIT"), entry.get("UNIT"))]


def message(entry):
    """Bytes that are no UTF-8 come as a list of numbers."""
    text = entry.get("MESSAGE") or ""
    return text if isinstance(text, str) else bytes(text).decode(errors="replace")


def everything():
    """The whole journal with every field of every entry."""
    must("journalctl", "--sync")
    done = subprocess.run(["journalctl", "--all", "--output=export"], capture_output=True, check=True, timeout=60)
    return done.stdout
