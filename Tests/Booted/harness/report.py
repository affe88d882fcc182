"""What was checked and where, and the totals, in the form of scripts/test."""
import contextlib
import time

# The oldest that the units are for.
OLDEST = 252
# Characters of a verdict in the totals.
MOST = 80


def say(text):
    print(f"booted: {text}", flush=True)


class Part:
    """Checks that run together, and what has become of them."""

    def __init__(self, name):
        self.name = name
        self.seconds = 0
        self.systemd = None
        self.passed = self.broken = self.skipped = self.others = 0
        self.verdict = "FAILED: the checks did not come to their end"

    def ended(self, passed, failed, skipped=0, others=0, systemd=None):
        """The checks have run: so many hold, do not hold, could not be tried here, are for another systemd."""
        self.passed, self.broken, self.skipped, self.others, self.systemd = passed, failed, skipped, others, systemd
        if failed:
            self.verdict = f"FAILED: {failed} of them"
        elif not passed:
            self.verdict = "FAILED: ran no check"
        else:
            self.verdict = "passed"

    def failed(self, why):
        self.verdict = f"FAILED: {why}"

    def left_out(self, why):
        self.verdict = f"SKIPPED: {why}"

    @property
    def line(self):
        beside = "".join(
            f", {count} {what}"
            for count, what in ((self.skipped, "SKIPPED"), (self.others, "for other versions")) if count)
        where = self.name if self.systemd is None else f"systemd {self.systemd} ({self.name})"
        # The whole reason is above.
        verdict = self.verdict if len(self.verdict) <= MOST else self.verdict[:MOST] + "…"
        return f"{where:24} {self.passed + self.broken:4} tests  {self.seconds:6.1f} s  {verdict}{beside}"


class Report:
    def __init__(self):
        self.parts = []

    @contextlib.contextmanager
    def part(self, name, what):
        say(f"{name}: {what}")
        part = Part(name)
        self.parts.append(part)
        began = time.monotonic()
        yield part
        part.seconds = time.monotonic() - began
        if part.verdict != "passed":
            say(f"{name}: {part.verdict}")

    def close(self, must_be_oldest):
        """Prints the totals; returns the exit status. `must_be_oldest`: that no systemd 252 was among them is told."""
        for part in self.parts:
            print(part.line)
        for part in self.parts:
            if part.verdict.startswith("SKIPPED"):
                print(f"SKIPPED: all of {part.name}")
        if must_be_oldest and OLDEST not in [part.systemd for part in self.parts]:
            print(f"SKIPPED: systemd {OLDEST}, which this machine has not")
        failed = [part.name for part in self.parts if part.verdict.startswith("FAILED")]
        if failed:
            print(f"FAILED: {' '.join(failed)}")
        passed, broken, skipped = (
            sum(getattr(part, kind) for part in self.parts) for kind in ("passed", "broken", "skipped"))
        print(f"all systems: {passed + broken} tests")
        print(f"{passed} passed, {broken} failed" + (f", {skipped} SKIPPED" if skipped else ""), flush=True)
        return 1 if failed or not passed else 0
