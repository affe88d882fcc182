"""The Debian package, in place of what scripts/install has put there; after the checks of that."""
import contextlib
import pathlib
import secrets
import shutil

from inside import installation
from inside.checking import check, holds, same, within
from inside.commands import must, run
from inside.people import GROUP, MEMBER, remember, sessionctl
from inside.service import CONFIGURATION, CREDENTIALS, MASTER_KEY, SOCKET, STATE, UNIT

from checks.removal import installed
from checks.restarts import hurt

# The product's version, and a later one with the same in it.
OLD, NEW = sorted((installation.SHARED / "programs").glob("*.deb"), key=lambda path: len(path.name))
POLICY = pathlib.Path("/usr/sbin/policy-rc.d")


def dpkg(*words):
    """What dpkg and the package's scripts print."""
    # Of the triggers man-db's would read every manual page of the machine each time.
    done = run("dpkg", "--no-triggers", "--force-confold", *words, env={"DEBIAN_FRONTEND": "noninteractive"})
    holds(f"dpkg {words[0]}", done.returncode == 0, done.stderr + done.stdout)
    return done.stdout + done.stderr


@contextlib.contextmanager
def machine_without(service):
    """Nothing of sessiond is installed; afterwards it is again."""
    must("systemctl", "disable", "--now", UNIT, SOCKET)
    installation.script("--remove")
    shutil.rmtree(CONFIGURATION)
    must("systemctl", "daemon-reload")
    policy = POLICY.read_bytes() if POLICY.exists() else None
    POLICY.unlink(missing_ok=True)
    try:
        yield
    finally:
        run("dpkg", "--no-triggers", "--purge", "sessiond")
        POLICY.unlink(missing_ok=True)
        if policy is not None:
            POLICY.write_bytes(policy)
            POLICY.chmod(0o755)
        installation.put()
        must("systemd-tmpfiles", "--create", "sessiond.conf")
        must("systemctl", "daemon-reload")
        must("systemctl", "enable", SOCKET)


@check("an installed package listens, and serves the first client", order=7)
def install(service):
    with machine_without(service):
        same("before", service.show("LoadState"), "not-found")
        dpkg("--install", str(OLD))
        same("socket", (service.show("ActiveState", SOCKET), must("systemctl", "is-enabled", SOCKET)),
             ("active", "enabled"))
        same("service", service.show("ActiveState"), "inactive")
        done = sessionctl("status", user=MEMBER)
        same("sessionctl status", (done.returncode, done.stderr), (0, ""))
        same("service", service.show("ActiveState"), "active")
        same("restarts", service.show("NRestarts"), "0")
        holds("configuration", (CONFIGURATION / "sessiond.yaml").exists())
        verified = run("dpkg", "--verify", "sessiond")
        # systemd's own, which dpkg runs after an installation; the others are left out.
        must("dpkg", "--triggers-only", "systemd")
        within("the catalog", must("journalctl", "--list-catalog", "--quiet"), " sessiond: ")
        # The machine may leave out documents.
        same("dpkg --verify", [line for line in verified.stdout.splitlines() if "/usr/share/" not in line], [])


@check("what make install puts below /usr/local is found by systemd, and serves the first client", order=7)
def local(service):
    environment = {"PREFIX": "/usr/local"}
    with machine_without(service):
        installation.put(environment)
        must("systemctl", "daemon-reload")
        same("unit", service.show("FragmentPath"), "/usr/local/lib/systemd/system/sessiond.service")
        for program in "systemd-sysusers", "systemd-tmpfiles":
            within(program, must(program, "--cat-config"), f"/usr/local/lib/{program[8:]}.d/sessiond.conf")
        must("journalctl", "--update-catalog")
        within("the catalog", must("journalctl", "--list-catalog", "--quiet"), " sessiond: ")
        must("systemctl", "start", SOCKET)
        same("sessionctl", must("which", "sessionctl"), "/usr/local/bin/sessionctl")
        done = sessionctl("status", user=MEMBER)
        same("sessionctl status", (done.returncode, done.stderr), (0, ""))
        same("the program", str(pathlib.Path(f"/proc/{service.pid}/exe").readlink()), "/usr/local/libexec/sessiond")
        must("systemctl", "stop", UNIT, SOCKET)
        installation.script("--remove", environment=environment)
        must("systemctl", "daemon-reload")
        same("left behind", installed(), [])


@check("a package that is installed where policy-rc.d forbids starts starts nothing", order=7)
def policy(service):
    with machine_without(service):
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
        dpkg("--install", str(OLD))
        same("socket", (service.show("ActiveState", SOCKET), must("systemctl", "is-enabled", SOCKET)),
             ("inactive", "enabled"))
        POLICY.unlink()
        # What the administrator has disabled stays so.
        must("systemctl", "disable", SOCKET)
        dpkg("--install", str(NEW))
        same("disabled", (service.show("ActiveState", SOCKET), run("systemctl", "is-enabled", SOCKET).stdout.strip()),
             ("inactive", "disabled"))


@check("an upgrade of the package under clients loses no session and refuses no connection", order=7)
def upgrade(service):
    with machine_without(service):
        dpkg("--install", str(OLD))
        service.configure("profiles: {default: {provider: embedded, sessionDuration: 8h}}\n")
        before = (CONFIGURATION / "sessiond.yaml").read_text()
        hurt(service, lambda: dpkg("--install", str(NEW)), 1)
        same("version", must("dpkg-query", "--show", "--showformat=${Version}", "sessiond"), NEW.name.split("_")[1])
        same("configuration", (CONFIGURATION / "sessiond.yaml").read_text(), before)
        same("result", (service.show("Result"), service.show("NRestarts")), ("success", "0"))


@check("an upgrade does not start a service that nobody has used", order=7)
def idle_upgrade(service):
    with machine_without(service):
        dpkg("--install", str(OLD))
        dpkg("--install", str(NEW))
        same("states", (service.show("ActiveState"), service.show("ActiveState", SOCKET)), ("inactive", "active"))


@check("removal of the package stops the service and keeps its state, and a purge takes it away", order=7)
def removal(service):
    with machine_without(service):
        dpkg("--install", str(OLD))
        key = service.encrypt(MASTER_KEY, remember(secrets.token_hex(32)))
        other = service.encrypt("stytch-secret", "kept")
        service.sign_up()
        must("systemctl", "enable", UNIT)
        pid = service.pid
        dpkg("--remove", "sessiond")
        same("unit", service.show("LoadState"), "not-found")
        holds("the process has ended", not pathlib.Path(f"/proc/{pid}").exists())
        service.journal.expect("Stopped sessiond.service|Stopped .*Signed-in sessions")
        same("failed units", must("systemctl", "list-units", "--failed", "--plain", "--no-legend", "sessiond*"), "")
        holds("the socket is gone", not pathlib.Path("/run/sessiond").exists())
        holds("state", (STATE / "profiles/default.sealed").exists())
        holds("configuration", (CONFIGURATION / "sessiond.yaml").exists())
        holds("credential", key.exists())
        same("left behind", installed(), [])

        dpkg("--install", str(OLD))
        same("the session is there again", sessionctl("status", "--check", "--quiet").returncode, 0)

        within("dpkg --purge", dpkg("--purge", "sessiond"), f"purged the credential {key}")
        for path in (STATE, pathlib.Path("/var/lib/sessiond"), CONFIGURATION, key):
            holds(f"{path} is gone", not path.exists() and not path.is_symlink())
        holds("a credential of another name stays", other.exists())
        left = must("find", "/etc/systemd", "/var/lib/systemd", "/run/systemd/system", "-name", "sessiond*").splitlines()
        same("links and marks", left, [])
        must("getent", "group", GROUP)
