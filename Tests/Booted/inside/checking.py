"""A check is a function that returns where its rule holds. It gets a Service as fresh as after its installation."""


class Broken(Exception):
    """The rule does not hold."""


class Lacking(Exception):
    """The machine has not what the rule is about, so that nobody knows whether it holds. It is told and counted."""


class Check:
    def __init__(self, rule, body, since, before, order):
        self.rule = rule
        self.body = body
        self.since = since
        self.before = before
        self.order = order

    def fits(self, systemd):
        return self.since <= systemd and (self.before is None or systemd < self.before)


CHECKS = []


def check(rule, since=252, before=None, order=0):
    """Registers a function as a check of the rule on systemd `since` or later, but `before` another version.

    Checks run by `order`, and within it by file and line.
    """
    def register(body):
        CHECKS.append(Check(rule, body, since, before, order))
        return body
    return register


def same(what, found, wanted):
    if found != wanted:
        raise Broken(f"{what}: {found!r}, and not {wanted!r}")


def holds(what, condition, found=None):
    if not condition:
        raise Broken(what if found is None else f"{what}: {found!r}")


def within(what, text, *wanted):
    """Each of the texts is in the text."""
    for piece in wanted:
        if piece not in text:
            raise Broken(f"{what}: {piece!r} is not in {text!r}")
