"""The sandbox as the daemon's process has it, and not as the unit promises it."""
import grp
import json
import os
import pathlib
import stat

from inside import installation
from inside.checking import Lacking, check, holds, same
from inside.commands import must, run
from inside.people import GROUP, STRANGER
from inside.service import STATE

PROBE = pathlib.Path("/run/probe.py")


def status(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def within(pid, *command):
    """Runs a program in the daemon's own view of the file system, with root's capabilities."""
    return run("nsenter", "--target", str(pid), "--mount", "--", *command)


@check("the process has no capabilities, no new privileges, and a filter of system calls")
def process(service):
    service.systemctl("start")
    found = status(service.pid)
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        same(name, int(found[name], 16), 0)
    same("NoNewPrivs, Seccomp", (found["NoNewPrivs"], found["Seccomp"]), ("1", "2"))


@check("the process has a user of its own that was made at run time, and its state is closed to all others")
def user(service):
    service.sign_up()
    uids = {int(uid) for uid in status(service.pid)["Uid"].split()}
    same("uids", len(uids), 1)
    uid = uids.pop()
    holds("a dynamic user's number", 61184 <= uid <= 65519, uid)
    group = grp.getgrnam(GROUP).gr_gid
    same("groups", {int(gid) for gid in status(service.pid)["Groups"].split()} - {uid, group}, set())
    same("link", os.readlink("/var/lib/sessiond"), "private/sessiond")
    same("/var/lib/private", stat.S_IMODE(STATE.parent.stat().st_mode), 0o700)
    for path in (STATE, *STATE.rglob("*")):
        wanted = 0o700 if path.is_dir() else 0o600
        same(str(path), (stat.S_IMODE(path.stat().st_mode), path.stat().st_uid), (wanted, uid))
    holds("records", any(STATE.rglob("*.sealed")))


@check("the process dumps no core and may open as many files as the machine allows")
def limits(service):
    service.systemctl("start")
    lines = pathlib.Path(f"/proc/{service.pid}/limits").read_text().splitlines()
    found = {line[:26].strip(): line[26:].split()[:2] for line in lines}
    same("core", found["Max core file size"], ["0", "0"])
    soft, hard = found["Max open files"]
    same("open files", soft, hard)
    # The soft limit that systemd gives.
    holds("open files", int(soft) > 1024, soft)


@check("the process sees a read-only system, no homes, no devices and no other processes")
def view(service):
    service.systemctl("start")
    pid = service.pid
    for folder in (
        "/usr", "/etc", "/etc/sessiond", "/var", "/var/lib/private", "/run", "/run/lock", "/run/sessiond", "/dev",
        "/sys/fs/cgroup",
    ):
        path = f"{folder}/probe"
        done = within(pid, "touch", path)
        holds(f"{path} can be written", done.returncode != 0 and "Read-only" in done.stderr, done.stderr)
    same("its state can be written", within(pid, "touch", str(STATE / "probe")).returncode, 0)
    (STATE / "probe").unlink()
    for path in ("/root", "/home"):
        same(path, within(pid, "stat", "--format=%a", path).stdout.strip(), "0")
    for folder in ("/tmp", "/var/tmp", "/dev"):
        path = pathlib.Path(folder, "of-others")
        path.touch()
        try:
            holds(f"{path} is seen", within(pid, "stat", str(path)).returncode != 0)
        finally:
            path.unlink()
    mounts = within(pid, "cat", f"/proc/{pid}/mounts").stdout.splitlines()
    proc = next(line.split()[3].split(",") for line in mounts if line.split()[1] == "/proc")
    holds("/proc", {"hidepid=invisible", "subset=pid"} <= set(proc), proc)


@check("what any user may do the service may not: other address families, code in data, tracing, namespaces")
def refused(service):
    PROBE.write_text((installation.SHARED / "repository/Tests/Booted/inside/probe.py").read_text())
    PROBE.chmod(0o644)
    outside = json.loads(must("/usr/bin/python3", str(PROBE), user=STRANGER))
    same("outside", {name: found for name, found in outside.items() if found != "allowed"}, {})
    # Before the daemon, with all that the unit does to it.
    service.drop_in(f"ExecStartPre=/usr/bin/python3 {PROBE}")
    service.systemctl("start")
    inside = json.loads(next(line for line in service.journal.messages() if line.startswith('{"AF_UNIX"')))
    wanted = dict.fromkeys(outside, "EPERM") | dict.fromkeys(("AF_UNIX", "AF_INET", "AF_INET6"), "allowed") | {
        "AF_NETLINK": "EAFNOSUPPORT", "the system's processes": "ENOENT", "what /proc says of the system": "ENOENT"}
    # systemd 253 and later leave it to the kernel (PR_SET_MDWE), which has a word of its own for it.
    memory = "memory that is written and run"
    holds(memory, inside[memory] in ("EPERM", "EACCES"), inside[memory])
    same("inside", inside | {memory: "EPERM"}, wanted)


@check("the process has mounts, IPC and a host name of its own, and shares users and network with its clients")
def namespaces(service):
    service.systemctl("start")
    def of(process):
        return {name: os.readlink(f"/proc/{process}/ns/{name}") for name in ("mnt", "ipc", "uts", "user", "net", "pid")}
    ours, its = of("self"), of(service.pid)
    same("its own", {name for name in ours if ours[name] != its[name]}, {"mnt", "ipc", "uts"})


@check("the control group holds memory, swap and processes down to what the unit says")
def control_group(service):
    service.systemctl("start")
    controllers = set(pathlib.Path("/sys/fs/cgroup/cgroup.controllers").read_text().split())
    if not {"memory", "pids"} <= controllers:
        raise Lacking(f"the unified hierarchy has no controllers memory and pids here; it has {sorted(controllers)}")
    group = pathlib.Path("/sys/fs/cgroup") / service.show("ControlGroup").lstrip("/")
    found = {name: (group / name).read_text().strip() for name in ("memory.max", "memory.swap.max", "pids.max")}
    same("limits", found, {"memory.max": str(256 << 20), "memory.swap.max": "0", "pids.max": "128"})


@check("the daemon answers with its sandbox on: signing in, storing, signing and reading again")
def works(service):
    # The password's hash, SQLite, sealing and name services are what a filter of system calls may break.
    service.sign_up()
    service.systemctl("restart")
    same("audit", [line for line in service.journal.messages() if "SIGSYS" in line], [])
