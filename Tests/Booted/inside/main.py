"""Inside the booted system: installs sessiond there, and runs every check that fits its systemd.

usage: main.py [PATTERN]     PATTERN: only the checks whose rule or file has this text
"""
import importlib
import pathlib
import signal
import sys
import textwrap
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from inside import installation  # noqa: E402
from inside.checking import CHECKS, Broken  # noqa: E402
from inside.commands import must  # noqa: E402
from inside.service import Service  # noqa: E402

SECONDS_A_CHECK = 60
LAST_WORDS = 15


def selected(systemd, pattern):
    for file in sorted((HERE.parent / "checks").glob("[a-z]*.py")):
        importlib.import_module(f"checks.{file.stem}")
    return sorted(
        (one for one in CHECKS
         if one.fits(systemd) and (pattern in one.rule or pattern in one.body.__module__)),
        key=lambda one: one.order)


def outcome(one):
    """None where the rule holds, else what is wrong, and the service's journal since the check began."""
    def late(*_):
        raise Broken(f"not done within {SECONDS_A_CHECK} s")
    signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS_A_CHECK)
    service = None
    try:
        service = Service()
        one.body(service)
        return None
    # Whatever goes wrong is this check's failure, and the others still have a say.
    except Exception as problem:
        signal.alarm(0)
        what = str(problem) if isinstance(problem, Broken) else traceback.format_exc()
        return "\n".join([what, *(service.journal.messages()[-LAST_WORDS:] if service else [])])
    finally:
        signal.alarm(0)


def main():
    systemd = int(must("systemctl", "--version").split()[1])
    installation.install()
    checks = selected(systemd, sys.argv[1] if len(sys.argv) > 1 else "")
    failed = 0
    for one in checks:
        began = time.monotonic()
        problem = outcome(one)
        verdict = "ok    " if problem is None else "FAILED"
        print(f"  {verdict} {time.monotonic() - began:5.1f} s  {one.rule}", flush=True)
        if problem is not None:
            failed += 1
            print(textwrap.indent(problem, "    "), flush=True)
    print(f"  systemd {systemd}: {len(checks) - failed} passed, {failed} failed", flush=True)
    return 1 if failed or not checks else 0


sys.exit(main())
