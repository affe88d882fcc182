"""Inside the booted system: installs sessiond there, and runs every check that fits its systemd.

usage: main.py RESULT [PATTERN]     RESULT: a descriptor that gets the totals, as JSON
                                    PATTERN: only the checks whose rule or file has this text
"""
import collections
import importlib
import json
import os
import pathlib
import signal
import sys
import textwrap
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from inside import installation  # noqa: E402
from inside.checking import CHECKS, Broken, Lacking  # noqa: E402
from inside.commands import must  # noqa: E402
from inside.service import Service  # noqa: E402

SECONDS_A_CHECK = 60
LAST_WORDS = 15
# Characters of what is wrong.
MOST = 4000


def selected(systemd, pattern):
    """The checks with the pattern that fit this systemd, and how many are for others."""
    for file in sorted((HERE.parent / "checks").glob("[a-z]*.py")):
        importlib.import_module(f"checks.{file.stem}")
    wanted = [one for one in CHECKS if pattern in one.rule or pattern in one.body.__module__]
    fitting = sorted((one for one in wanted if one.fits(systemd)), key=lambda one: one.order)
    return fitting, len(wanted) - len(fitting)


def outcome(one):
    """The verdict, and where the rule does not hold, what is wrong and the service's journal since the check began."""
    def late(*_):
        raise Broken(f"not done within {SECONDS_A_CHECK} s")
    signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS_A_CHECK)
    service = None
    try:
        service = Service()
        one.body(service)
        return "ok", None
    except Lacking as lack:
        return "SKIPPED", str(lack)
    # Whatever goes wrong is this check's failure, and the others still have a say.
    except Exception as problem:
        signal.alarm(0)
        what = str(problem) if isinstance(problem, Broken) else traceback.format_exc()
        return "FAILED", "\n".join([what[:MOST], *(service.journal.messages()[-LAST_WORDS:] if service else [])])
    finally:
        signal.alarm(0)


def main():
    result, pattern = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    # None of the programs that the checks run holds it.
    os.set_inheritable(result, False)
    systemd = int(must("systemctl", "--version").split()[1])
    installation.install()
    checks, others = selected(systemd, pattern)
    verdicts = collections.Counter()
    for one in checks:
        began = time.monotonic()
        verdict, problem = outcome(one)
        verdicts[verdict] += 1
        print(f"  {verdict:7} {time.monotonic() - began:5.1f} s  {one.rule}", flush=True)
        if problem is not None:
            print(textwrap.indent(problem, "    "), flush=True)
    totals = {"systemd": systemd, "passed": verdicts["ok"], "failed": verdicts["FAILED"],
              "skipped": verdicts["SKIPPED"], "others": others}
    os.write(result, json.dumps(totals).encode())


main()
