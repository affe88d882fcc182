"""A process of the benchmark's own."""

import ctypes
import signal
import subprocess
import time

from failure import Failure

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def _die_with_parent():
    """Nothing outlives the benchmark, even where that is killed."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def spawn(command, **options):
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=_die_with_parent, **options)


def end(process):
    """SIGTERM, and SIGKILL where that does not help."""
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until(what, is_true, process=None, seconds=20):
    """Asks `is_true` every 10 ms, for things that cannot say when they have come."""
    deadline = time.monotonic() + seconds
    while not is_true():
        if process is not None and process.poll() is not None:
            raise Failure(f"{what}: the process ended with status {process.returncode}")
        if time.monotonic() > deadline:
            raise Failure(f"{what}: not within {seconds} s")
        time.sleep(0.01)


def log_text(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()
