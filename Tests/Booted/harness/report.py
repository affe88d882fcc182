"""What was checked on which system, and the totals, in the form of scripts/test."""
import contextlib
import json
import time


def say(text):
    print(f"booted: {text}", flush=True)


class System:
    """One system, and what has become of its checks."""

    def __init__(self, name):
        self.name = name
        self.began = time.monotonic()
        self.seconds = 0
        self.totals = {"systemd": "?", "passed": 0, "failed": 0, "skipped": 0, "others": 0}
        self.verdict = "FAILED: the checks did not come to their end"

    def ended(self, written):
        """The checks have run, and have written these totals."""
        if not written:
            return
        self.totals = json.loads(written)
        if self.totals["failed"]:
            self.verdict = f"FAILED: {self.totals['failed']} checks"
        elif not self.totals["passed"]:
            self.verdict = "FAILED: ran no check"
        else:
            self.verdict = "passed"

    def failed(self, why):
        self.verdict = f"FAILED: {why}"

    def skipped(self, why):
        self.verdict = f"SKIPPED: {why}"

    @property
    def line(self):
        left_out = "".join(
            f", {self.totals[kind]} {what}"
            for kind, what in (("skipped", "SKIPPED"), ("others", "for other versions")) if self.totals[kind])
        where = f"systemd {self.totals['systemd']} ({self.name})"
        count = self.totals["passed"] + self.totals["failed"]
        return f"{where:24} {count:4} tests  {self.seconds:6.1f} s  {self.verdict}{left_out}"


class Report:
    def __init__(self):
        self.systems = []

    @contextlib.contextmanager
    def system(self, name, what):
        say(f"{name}: {what}")
        system = System(name)
        self.systems.append(system)
        yield system
        system.seconds = time.monotonic() - system.began
        if system.verdict != "passed":
            say(f"{name}: {system.verdict}")

    def close(self):
        """Prints the totals; returns the exit status."""
        for system in self.systems:
            print(system.line)
        total = {kind: sum(system.totals[kind] for system in self.systems) for kind in ("passed", "failed", "skipped")}
        skipped = [system.name for system in self.systems if system.verdict.startswith("SKIPPED")]
        failed = [system.name for system in self.systems if system.verdict.startswith("FAILED")]
        print(f"all systems: {total['passed'] + total['failed']} tests")
        if skipped or total["skipped"]:
            print(f"SKIPPED: {len(skipped)} systems {skipped}, {total['skipped']} tests; the reasons are above")
        if failed:
            print(f"FAILED: {' '.join(failed)}")
        print(f"{total['passed']} passed, {total['failed']} failed", flush=True)
        return 1 if failed or not total["passed"] else 0
