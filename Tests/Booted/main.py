"""Boots real systemds and checks sessiond under each: installed, started, served, hurt, stopped.

usage: main.py BUILD [PATTERN]     BUILD: the folder that holds sessiond and sessionctl; PATTERN: only such checks

BOOTED names the systems to run on, with commas between them: host (the machine's own systemd), backports (254) and
trixie (257). Those that it names must be had. Without it all are tried; one that cannot be had for want of a network
is said to be skipped, and is no failure.
"""
import os
import pathlib
import signal
import sys
import tempfile

from harness import programs, requirements, systems
from harness.machine import BootError, Machine


def say(text):
    print(f"booted: {text}", flush=True)


def wanted():
    """The systems to run on, and whether they must be had."""
    named = os.environ.get("BOOTED")
    if named is None:
        return list(systems.ALL), False
    names = named.split(",")
    for name in names:
        if name not in systems.ALL:
            sys.exit(f"booted: BOOTED names {name!r}; there are {', '.join(systems.ALL)}")
    return names, True


def run_on(base, layer, build, pattern):
    """Whether all checks hold on this system."""
    with tempfile.TemporaryDirectory(prefix="sessiond-programs-") as stripped:
        programs.strip(build, pathlib.Path(stripped))
        programs.package(pathlib.Path(stripped))
        swift = programs.runtime(build) or stripped
        shares = {"repository": systems.REPOSITORY, "programs": stripped, "swift": swift}
        with Machine(base, layer, shares) as machine:
            inside = "/run/booted/repository/Tests/Booted/inside/main.py"
            return machine.run("/usr/bin/python3", inside, *pattern) == 0


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
    failed, skipped = [], []
    for name in names:
        say(f"{name}: {systems.ALL[name].__doc__.splitlines()[0]}")
        try:
            if not run_on(*systems.ALL[name](), build, pattern):
                failed.append(name)
        except systems.Unobtainable as reason:
            say(f"{'FAILED' if demanded else 'SKIPPED'}: {name}: {reason}")
            (failed if demanded else skipped).append(name)
        except BootError as error:
            say(f"FAILED: {name}: {error}")
            failed.append(name)
    say(f"{len(names) - len(failed) - len(skipped)} systems passed, {len(failed)} failed, {len(skipped)} skipped"
        + "".join(f"; {verb}: {', '.join(of)}" for verb, of in (("FAILED", failed), ("SKIPPED", skipped)) if of))
    return 1 if failed or len(skipped) == len(names) else 0


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    # As Ctrl-C does: everything that was begun is ended on the way out.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
