"""Boots real systemds and checks sessiond under each: installed, started, served, hurt, stopped.

usage: main.py BUILD [PATTERN]     BUILD: the folder that holds sessiond and sessionctl; PATTERN: only such checks

BOOTED names the systems to run on, with commas between them: host (the machine's own systemd), backports (254) and
trixie (257). Those that it names must be had. Without it all are tried, and one is skipped, which the totals say, where
Debian's mirror cannot be reached. Whatever else goes wrong is a failure.
"""
import json
import os
import pathlib
import signal
import sys
import tempfile
import textwrap

from harness import policy, programs, requirements, systems
from harness.machine import BootError, Machine
from harness.report import Report, say

INSIDE = "/run/booted/repository/Tests/Booted/inside/main.py"


def wanted():
    """The systems to run on, and whether they must be had."""
    named = os.environ.get("BOOTED")
    if not named:
        return list(systems.ALL), False
    names = named.split(",")
    for name in names:
        if name not in systems.ALL:
            sys.exit(f"booted: BOOTED names {name!r}; there are {', '.join(systems.ALL)}")
    return names, True


def run_on(base, layer, shares, pattern):
    """The totals of the checks on this system, as they were written inside; None where they did not come to an end."""
    with Machine(base, layer, shares) as machine:
        reading, writing = os.pipe()
        with open(reading, "rb") as results:
            try:
                machine.run("/usr/bin/python3", INSIDE, str(writing), pattern, descriptors=(writing,))
            finally:
                os.close(writing)
            written = results.read()
    return json.loads(written) if written else None


def boot(part, name, demanded, shares, pattern):
    try:
        totals = run_on(*systems.ALL[name](), shares, pattern)
    except systems.Unreachable as reason:
        (part.failed if demanded else part.left_out)(str(reason))
    except (systems.Unusable, BootError) as error:
        part.failed(str(error))
    else:
        if totals is not None:
            part.ended(**totals)


def ask_lintian(part, folder, is_shipped):
    found = policy.errors(folder, is_shipped)
    print(f"  {'ok' if found is None else 'FAILED':7}          {policy.RULE}", flush=True)
    if found is not None:
        print(textwrap.indent(found, "    "), flush=True)
    part.ended(passed=int(found is None), failed=int(found is not None))


def main():
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    build, pattern = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2] if len(sys.argv) > 2 else ""
    names, demanded = wanted()
    problems = requirements.missing(names) + [
        f"{build / name}: build it with `make build`" for name in programs.NAMES if not (build / name).exists()]
    for problem in problems:
        say(f"missing: {problem}")
    if problems:
        return 2
    report = Report()
    with tempfile.TemporaryDirectory(prefix="sessiond-programs-") as folder:
        swift = programs.prepare(build, pathlib.Path(folder))
        shares = {"repository": systems.REPOSITORY, "programs": folder, "swift": swift or folder}
        for name in names:
            with report.part(name, systems.ALL[name].__doc__.splitlines()[0]) as part:
                boot(part, name, demanded, shares, pattern)
        if pattern in policy.RULE:
            with report.part("lintian", "Debian's policy on the package.") as part:
                ask_lintian(part, folder, is_shipped=swift is None)
    return report.close(must_be_oldest=not demanded)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    # As Ctrl-C does: everything that was begun is ended on the way out.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
