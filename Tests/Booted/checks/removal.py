"""The end of an installation; after all other checks."""
import pathlib

from inside import installation
from inside.checking import check, holds, same
from inside.commands import must
from inside.service import SOCKET, STATE


def installed():
    """All files that the installation has made below its prefix, and its folders. The machine's own policy-rc.d is put
    back by the checks of the package, which makes it look new."""
    return must(
        "find", installation.PREFIX, "-xdev", "-cnewer", str(installation.BEGINNING),
        "!", "-name", "policy-rc.d", "(", "!", "-type", "d", "-o", "-name", "sessiond*", ")").splitlines()


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
