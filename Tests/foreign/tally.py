"""Counts checks, and goes on after one that fails."""
import contextlib


class Tally:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, what, holds):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED: {what}")

    @contextlib.contextmanager
    def raises(self, what, error, holds=lambda error: True):
        """The block must raise such an error."""
        try:
            yield
        except error as caught:
            self.check(what, holds(caught))
        else:
            self.check(f"{what}: nothing was raised", False)
