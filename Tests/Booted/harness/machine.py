"""A real systemd as PID 1 of namespaces of its own, over an overlay of a root that stays as it is."""
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent.parent
NAMESPACES = ("mount", "pid", "cgroup", "uts", "ipc", "net")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
BOOT_SECONDS = 30
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class BootError(Exception):
    pass


def cgroup2():
    """Where the unified hierarchy is mounted; None where it is not."""
    for line in pathlib.Path("/proc/self/mounts").read_text().splitlines():
        _, where, kind, *_ = line.split()
        if kind == "cgroup2":
            return pathlib.Path(where)
    return None


class Machine:
    """Boots on entry and is gone on exit: processes, mounts, cgroups, files.

    It starts from the root file system `base`, with the files of the folder `layer` over it where there is one.
    `shares` are seen inside as /run/booted/NAME.
    """

    def __init__(self, base, layer, shares):
        self.base = base
        self.layer = layer
        self.shares = shares
        self.folder = None
        self.cgroup = None
        self.outer = None
        self.pid = None

    def __enter__(self):
        try:
            self._boot()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_):
        self._end()

    def run(self, *command, descriptors=()):
        """Runs a command inside, with our output and these descriptors of ours; returns its exit status."""
        flags = [f"--{name}" for name in NAMESPACES]
        environment = ["env", "-i", f"PATH={PATH}", "LANG=C.UTF-8", "HOME=/root", "PYTHONDONTWRITEBYTECODE=1"]
        entered = subprocess.Popen(
            ["nsenter", "--target", str(self.pid), *flags, "--", *environment, *command],
            stdin=subprocess.DEVNULL, start_new_session=True, pass_fds=descriptors)
        return entered.wait()

    def _boot(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sessiond-booted-"))
        (self.folder / "overlay").mkdir()
        self.cgroup = cgroup2() / f"sessiond-booted.{os.getpid()}"
        self.cgroup.mkdir()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            manager.bind(str(self.folder / "notify"))
            self._start()
            self._await_ready(manager)

    def _start(self):
        unshare = [
            "setpriv", "--pdeathsig", "KILL",
            "unshare", *(f"--{name}" for name in NAMESPACES), "--propagation", "private", "--fork", "--kill-child",
            "bash", str(HERE / "pid1.sh"), str(self.folder), str(self.base), str(self.layer or ""),
            *(f"{name}={source}" for name, source in self.shares.items()),
        ]
        with open(self.folder / "console", "wb") as console:
            # The cgroup is entered first: what unshare makes the root of the new namespace is the caller's own.
            self.outer = subprocess.Popen(
                ["sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', str(self.cgroup), *unshare],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True)

    def _await_ready(self, manager):
        deadline = time.monotonic() + BOOT_SECONDS
        manager.settimeout(0.2)
        while time.monotonic() < deadline:
            try:
                data, ancillary, _, _ = manager.recvmsg(4096, socket.CMSG_SPACE(12))
            except TimeoutError:
                if self.outer.poll() is not None:
                    raise BootError(f"systemd ended while booting:\n{self._console()}") from None
                continue
            # Only PID 1 knows this socket, and the kernel says who it is out here.
            pid, _, _ = struct.unpack("3i", ancillary[0][2][:12])
            if b"READY=1" in data.split(b"\n"):
                self.pid = pid
                return
        raise BootError(f"systemd did not boot within {BOOT_SECONDS} s:\n{self._console()}")

    def _console(self):
        return (self.folder / "console").read_text(errors="replace")

    def _end(self):
        # A second Ctrl-C must not leave half of it behind.
        before = {number: signal.signal(number, signal.SIG_IGN) for number in ENDINGS}
        if self.outer is not None:
            self._kill()
        if self.cgroup is not None and self.cgroup.exists():
            for folder, _, _ in os.walk(self.cgroup, topdown=False):
                os.rmdir(folder)
        if self.folder is not None:
            shutil.rmtree(self.folder)
        for number, handler in before.items():
            signal.signal(number, handler)

    def _kill(self):
        """With PID 1 go all processes of its namespace, and `unshare` ends when they have gone."""
        if self.outer.poll() is None:
            children = pathlib.Path(f"/proc/{self.outer.pid}/task/{self.outer.pid}/children").read_text().split()
            for child in children or [self.outer.pid]:
                os.kill(int(child), signal.SIGKILL)
            self.outer.wait()
