"""Boots real systemds and checks sessiond under each: installed, started, served, hurt, stopped.

usage: main.py BUILD [PATTERN]     BUILD: the folder that holds sessiond and sessionctl; PATTERN: only such checks

BOOTED names the systems to run on, with commas between them: host (the machine's own systemd), backports (254) and
trixie (257). Those that it names must be had. Without it all are tried, and one is skipped, which the totals say, where
Debian's mirror cannot be reached. Whatever else goes wrong is a failure.
"""
import os
import pathlib
import signal
import sys
import tempfile

from harness import programs, requirements, systems
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
    """The totals of the checks on this system, as they were written inside; empty where they did not come to an end."""
    with Machine(base, layer, shares) as machine:
        reading, writing = os.pipe()
        with open(reading, "rb") as results:
            try:
                machine.run("/usr/bin/python3", INSIDE, str(writing), *pattern, descriptors=(writing,))
            finally:
                os.close(writing)
            return results.read()


def main():
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    build, pattern = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    names, demanded = wanted()
    problems = requirements.missing(names) + [
        f"{build / name}: build it with `make build`" for name in programs.NAMES if not (build / name).exists()]
    for problem in problems:
        say(f"missing: {problem}")
    if problems:
        return 2
    report = Report()
    with tempfile.TemporaryDirectory(prefix="sessiond-programs-") as folder:
        programs.prepare(build, pathlib.Path(folder))
        shares = {
            "repository": systems.REPOSITORY, "programs": folder, "swift": programs.runtime(build) or folder}
        for name in names:
            with report.system(name, systems.ALL[name].__doc__.splitlines()[0]) as system:
                try:
                    system.ended(run_on(*systems.ALL[name](), shares, pattern))
                except systems.Unreachable as reason:
                    if demanded:
                        system.failed(str(reason))
                    else:
                        system.skipped(str(reason))
                except (systems.Unusable, BootError) as error:
                    system.failed(str(error))
    return report.close()


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    # As Ctrl-C does: everything that was begun is ended on the way out.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
