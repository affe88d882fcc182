"""sessiond put into the booted system as an administrator does it."""
import pathlib
import subprocess

from . import people
from .checking import Broken
from .commands import must

SHARED = pathlib.Path("/run/booted")
PREFIX = "/usr"


def script(*words, environment=None):
    """Runs scripts/install. The programs that are shared have no debugging information left to strip."""
    done = subprocess.run(
        ["scripts/install", *words], cwd=SHARED / "repository", capture_output=True, text=True, timeout=60,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PREFIX": PREFIX, "STRIP": "true"} | (environment or {}))
    if done.returncode != 0:
        raise Broken(f"scripts/install {' '.join(words)}: {done.stderr}")
    return done.stdout


def put(environment=None):
    script(str(SHARED / "programs/sessiond"), str(SHARED / "programs/sessionctl"), environment=environment)


def install():
    # Where the programs need Swift's libraries, they are found by every user.
    pathlib.Path("/etc/ld.so.conf.d/swift.conf").write_text(f"{SHARED}/swift\n")
    must("ldconfig")
    put()
    must("systemd-sysusers")
    must("systemd-tmpfiles", "--create", "sessiond.conf")
    people.arrive()
    must("systemctl", "daemon-reload")
    must("systemctl", "enable", "--now", "sessiond.socket")
