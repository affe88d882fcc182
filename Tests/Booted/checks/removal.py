"""The end of an installation; after all other checks."""
import pathlib

from inside import installation
from inside.checking import check, holds, same
from inside.commands import must
from inside.service import SOCKET, STATE


def ours():
    found = must("find", installation.PREFIX, "/etc", "-xdev", "-name", "*session[cd]*").splitlines()
    return [path for path in map(pathlib.Path, found) if pathlib.Path("/etc/sessiond") not in (path, *path.parents)]


@check("removal takes away what installation has put there, and leaves configuration and state", order=9)
def removal(service):
    service.configure("profiles: {kept: {provider: embedded}}\n")
    service.sign_up()
    must("systemctl", "disable", "--now", "sessiond.service", SOCKET)
    installation.script("--remove")
    must("systemctl", "daemon-reload")
    same("left behind", ours(), [])
    same("unit", service.show("LoadState"), "not-found")
    holds("configuration", pathlib.Path("/etc/sessiond/sessiond.yaml").exists())
    holds("state", (STATE / "profiles/kept.sealed").exists())
