"""The end of an installation; after all other checks. And one that is somewhere else."""
import pathlib
import re
import shutil

from inside import installation
from inside.checking import check, holds, same
from inside.commands import must
from inside.service import SOCKET, STATE


# The name of every file and folder of ours, or of a folder above it.
NAME = r"_?session(d|ctl)(\.[^/]*)?"


def installed():
    """Everything below the prefix that is ours by its own name."""
    places = installation.PREFIX, "-xdev", "-regextype", "posix-extended", "-regex", f".*/{NAME}"
    return must("find", *places).splitlines()


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


@check("an installation under DESTDIR and PREFIX puts files nowhere else, and its removal leaves the configuration")
def elsewhere(service):
    before = installed()
    root = pathlib.Path("/run/elsewhere")
    try:
        installation.put({"DESTDIR": str(root), "PREFIX": "/opt/local", "SYSTEMD_VERSION": "257"})
        there = files(root)
        for name in (
            "opt/local/libexec/sessiond", "opt/local/bin/sessionctl", "opt/local/share/man/man8/sessiond.8",
            "opt/local/lib/systemd/system/sessiond.socket", "opt/local/lib/systemd/user/sessiond.socket",
            "opt/local/lib/systemd/system/sessiond.service.d/notify-reload.conf", "etc/sessiond/sessiond.yaml",
        ):
            holds(f"{name} is there", name in there, there)
        # By this its removal is known to be whole.
        same("files of no name of ours", [name for name in there if not re.search(f"(^|/){NAME}(/|$)", name)], [])
        unit = (root / "opt/local/lib/systemd/system/sessiond.service").read_text().splitlines()
        same("the program of the unit", [line for line in unit if line.startswith("ExecStart=")],
             ["ExecStart=/opt/local/libexec/sessiond"])
        same("elsewhere", installed(), before)
        (root / "etc/sessiond/sessiond.yaml").write_text("# an administrator's\n")
        installation.put({"DESTDIR": str(root), "PREFIX": "/opt/local"})
        same("what systemd 252 does not know", [name for name in files(root) if "notify-reload" in name], [])
        installation.script("--remove", environment={"DESTDIR": str(root), "PREFIX": "/opt/local"})
        same("left behind", files(root), ["etc/sessiond/sessiond.yaml"])
        same("the configuration", (root / "etc/sessiond/sessiond.yaml").read_text(), "# an administrator's\n")
        same("elsewhere", installed(), before)
    finally:
        shutil.rmtree(root)


@check("removal takes away what installation has put there, and leaves configuration and state", order=9)
def removal(service):
    holds("installed", "/usr/libexec/sessiond" in installed(), installed())
    service.configure("profiles: {kept: {provider: embedded}}\n")
    service.sign_up()
    must("systemctl", "disable", "--now", "sessiond.service", SOCKET)
    installation.script("--remove")
    must("systemctl", "daemon-reload")
    same("left behind", installed(), [])
    same("unit", service.show("LoadState"), "not-found")
    holds("configuration", pathlib.Path("/etc/sessiond/sessiond.yaml").exists())
    holds("state", (STATE / "profiles/kept.sealed").exists())
