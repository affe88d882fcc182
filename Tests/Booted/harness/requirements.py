"""What the machine must have. Nothing that it lacks is left out in silence."""
import os
import pathlib
import shutil
import subprocess

from .machine import NAMESPACES, cgroup2

PROGRAMS = {
    "unshare": "util-linux", "nsenter": "util-linux", "setpriv": "util-linux", "systemctl": "systemd",
    "/lib/systemd/systemd": "systemd", "systemd-analyze": "systemd", "systemd-creds": "systemd", "strip": "binutils", "gcc": "gcc",
    "/usr/bin/python3": "python3", "dpkg-deb": "dpkg", "dpkg-shlibdeps": "dpkg-dev", "lintian": "lintian",
}
# What fetches a system, by its name in systems.py.
FETCHERS = {"backports": {"apt-get": "apt", "dpkg-deb": "dpkg"}, "trixie": {"mmdebstrap": "mmdebstrap"}}


def missing(systems):
    """What is missing to run on these systems, each with what to do about it; empty where all is there."""
    if os.geteuid() != 0:
        return ["root: namespaces, mounts and cgroups need it; run it with sudo"]
    programs = dict(PROGRAMS)
    for name in systems:
        programs |= FETCHERS.get(name, {})
    problems = [
        f"{program}: install Debian's {package}"
        for program, package in programs.items() if shutil.which(program) is None
    ]
    if problems:
        return problems
    return [*_namespaces(), *_overlay(), *_cgroup2()]


def _namespaces():
    flags = [f"--{name}" for name in NAMESPACES]
    return _attempt("namespaces", ["unshare", *flags, "--fork", "true"], "allow CAP_SYS_ADMIN, as in a VM")


def _overlay():
    script = (
        "mount -t tmpfs booted /mnt && mkdir /mnt/written /mnt/work /mnt/root && "
        "mount -t overlay -o lowerdir=/,upperdir=/mnt/written,workdir=/mnt/work booted /mnt/root && touch /mnt/root/x")
    return _attempt(
        "overlayfs over the root file system, with its writes on a tmpfs",
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", script],
        "use a kernel with CONFIG_OVERLAY_FS and CONFIG_TMPFS_XATTR")


def _cgroup2():
    where = cgroup2()
    if where is None:
        return ["cgroup2: the unified hierarchy is not mounted; mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified"]
    probe = pathlib.Path(where, f"sessiond-probe.{os.getpid()}")
    try:
        probe.mkdir()
        probe.rmdir()
    except OSError as error:
        return [f"cgroup2: {where} cannot be written ({error.strerror}); run it outside of a container"]
    return []


def _attempt(what, command, remedy):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    return [] if done.returncode == 0 else [f"{what}: {done.stderr.strip()}; {remedy}"]
