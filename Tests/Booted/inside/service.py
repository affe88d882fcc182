"""The installed system service."""
import pathlib
import shutil
import time

from .checking import Broken
from .commands import must, run
from .connection import call
from .journal import Journal
from .people import PASSWORD

UNIT = "sessiond.service"
SOCKET = "sessiond.socket"
CONFIGURATION = pathlib.Path("/etc/sessiond")
STATE = pathlib.Path("/var/lib/private/sessiond")
CREDENTIALS = pathlib.Path("/etc/credstore.encrypted")
DROP_INS = pathlib.Path("/etc/systemd/system/sessiond.service.d")
MASTER_KEY = "sessiond.master-key"
SECONDS = 10


class Service:
    """As after its installation: the socket listens, and nothing has been configured, stored or started."""

    def __init__(self):
        run("systemctl", "stop", UNIT, SOCKET)
        run("systemctl", "reset-failed", UNIT, SOCKET)
        for folder in (STATE, CONFIGURATION, DROP_INS):
            shutil.rmtree(folder, ignore_errors=True)
        for credential in CREDENTIALS.iterdir():
            credential.unlink()
        CONFIGURATION.mkdir()
        must("systemctl", "daemon-reload")
        self.journal = Journal(UNIT)
        must("systemctl", "start", SOCKET)

    def systemctl(self, verb, *more):
        return must("systemctl", verb, *more, UNIT)

    def show(self, name, unit=UNIT):
        """A property as the manager shows it."""
        return must("systemctl", "show", "--value", "--property", name, unit)

    def becomes(self, name, wanted, unit=UNIT):
        """Waits for a property to have the value, or one that fits a compiled pattern. It asks again and again: the
        manager tells only by D-Bus, which not every system has."""
        deadline = time.monotonic() + SECONDS
        fits = wanted.__eq__ if isinstance(wanted, str) else wanted.fullmatch
        while not fits(found := self.show(name, unit)):
            if time.monotonic() > deadline:
                raise Broken(f"{name} of {unit} does not become {wanted!r} within {SECONDS} s: it is {found!r}")
            time.sleep(0.02)

    @property
    def pid(self):
        return int(self.show("MainPID"))

    def configure(self, text, name="sessiond.yaml"):
        """Writes a configuration file; for a profile's, `name` is profiles.d/NAME.yaml."""
        file = CONFIGURATION / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)

    def drop_in(self, text):
        """Adds to the unit's section [Service]."""
        DROP_INS.mkdir(parents=True, exist_ok=True)
        (DROP_INS / "check.conf").write_text(f"[Service]\n{text}\n")
        must("systemctl", "daemon-reload")

    def encrypt(self, name, value, host_key=None):
        """Puts an encrypted credential where the unit looks for it; returns its file."""
        file = CREDENTIALS / name
        environment = {} if host_key is None else {"SYSTEMD_CREDENTIAL_SECRET": str(host_key)}
        must("systemd-creds", "setup", env=environment)
        sealed = must("systemd-creds", "encrypt", "--with-key=host", f"--name={name}", "-", "-", input=value,
                      env=environment)
        file.write_text(sealed + "\n")
        return file

    def reload(self):
        """Comes back when the daemon has answered: before systemd 253 the manager does not wait for that."""
        journal = Journal(UNIT)
        self.systemctl("reload")
        return journal.expect("configuration read again|the old one stays in force")

    def sign_up(self, username="ada", **params):
        """Makes a user and signs in; returns the snapshot."""
        answer = call("session.signUp", method="password", username=username, password=PASSWORD, **params)
        return answer["snapshot"]

    def seconds_of(self, verb):
        began = time.monotonic()
        self.systemctl(verb)
        return time.monotonic() - began
