"""Programs run to their end, as root or as somebody else."""
import os
import pwd
import subprocess

from .checking import Broken

SECONDS = 30


def run(*command, user=None, input=None, env=None):
    """The finished process with its texts, whatever its status. `user` is a name; its groups are those it has now."""
    environment = {name: os.environ[name] for name in ("PATH", "LANG")} | {"NO_COLOR": "1", "HOME": "/"}
    identity = {}
    if user is not None:
        entry = pwd.getpwnam(user)
        identity = {
            "user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": os.getgrouplist(user, entry.pw_gid)}
        environment["HOME"] = entry.pw_dir
    return subprocess.run(
        command, input=input or "", capture_output=True, text=True, timeout=SECONDS, cwd="/",
        env=environment | (env or {}), **identity)


def must(*command, **options):
    """What the command prints; it must succeed."""
    done = run(*command, **options)
    if done.returncode != 0:
        raise Broken(f"{' '.join(command)}: status {done.returncode}: {(done.stderr or done.stdout).strip()}")
    return done.stdout.strip()
