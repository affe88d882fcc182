"""A process of the benchmark's own."""

import ctypes
import resource
import signal
import subprocess
import time

from failure import Failure

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def _before_exec():
    """Nothing outlives the benchmark, even where that is killed. And as many files as are allowed, which a service
    manager grants by its unit."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def spawn(command, **options):
    """Only while no other thread runs: a fork runs Python before the exec."""
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=_before_exec, **options)


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


def comes_true(is_true, process, seconds):
    """Asks every 10 ms, for things that cannot say when they have come. False where they do not in that time."""
    deadline = time.monotonic() + seconds
    while not is_true():
        if process.poll() is not None:
            raise Failure(f"{process.args[0]} ended with status {process.returncode}")
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def wait_until(what, is_true, process, seconds=20):
    if not comes_true(is_true, process, seconds):
        raise Failure(f"{what}: not within {seconds} s")


def log_text(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()
