"""The versions of systemd that the checks run on, and where each comes from: a root and what lies over it."""
import os
import pathlib
import shutil
import subprocess

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
CACHE = REPOSITORY / ".build/booted"
MIRROR = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
BACKPORTS = ["systemd", "libsystemd-shared", "libsystemd0", "libudev1"]
TRIXIE = [
    "systemd", "systemd-sysv", "dbus", "libpam-systemd", "passwd", "procps", "python3-minimal", "libpython3-stdlib",
    "libsqlite3-0", "libstdc++6", "zlib1g",
]
SECONDS = 180


class Unobtainable(Exception):
    pass


def host():
    """The machine's own."""
    return "/", None


def backports():
    """systemd 254 for Debian 12: its packages unpacked over the machine's root. Nothing is installed."""
    if "bookworm" not in pathlib.Path("/etc/os-release").read_text():
        raise Unobtainable("it is made for Debian 12, and this machine is none")
    layer = CACHE / "backports"
    if not (layer / "done").exists():
        shutil.rmtree(layer, ignore_errors=True)
        # Packages still name /lib and /sbin, which are links: in a layer without them they would become folders.
        for name in ("bin", "sbin", "lib"):
            (layer / "root/usr" / name).mkdir(parents=True)
            (layer / "root" / name).symlink_to(f"usr/{name}")
        for package in _download(layer, "bookworm-backports", BACKPORTS):
            unpack = 'dpkg-deb --fsys-tarfile "$0" | tar -x --keep-directory-symlink -C "$1"'
            _run(["bash", "-o", "pipefail", "-c", unpack, str(package), str(layer / "root")])
        (layer / "done").touch()
    return "/", layer / "root"


def trixie():
    """systemd 257: a Debian 13 of its own."""
    if shutil.which("mmdebstrap") is None:
        raise Unobtainable("install Debian's mmdebstrap")
    layer = CACHE / "trixie"
    if not (layer / "done").exists():
        shutil.rmtree(layer, ignore_errors=True)
        layer.mkdir(parents=True)
        options = ["--variant=minbase", f"--include={','.join(TRIXIE)}", '--aptopt=Acquire::Languages "none"']
        _run(["mmdebstrap", "--quiet", *options, "trixie", str(layer / "root"), MIRROR])
        (layer / "done").touch()
    return layer / "root", None


ALL = {"host": host, "backports": backports, "trixie": trixie}


def _download(layer, suite, packages):
    """Packages of a suite that the machine's apt need not know."""
    for folder in ("apt/lists/partial", "apt/cache/archives/partial", "packages"):
        (layer / folder).mkdir(parents=True)
    (layer / "apt/sources.list").write_text(f"deb [signed-by={KEYRING}] {MIRROR} {suite} main\n")
    options = [
        f"--option=Dir::Etc::SourceList={layer}/apt/sources.list", "--option=Dir::Etc::SourceParts=-",
        f"--option=Dir::State::Lists={layer}/apt/lists", f"--option=Dir::Cache={layer}/apt/cache",
        "--option=APT::Sandbox::User=root", "--option=Acquire::Languages=none", "--option=Acquire::Retries=1",
        # Without it a mirror that cannot be reached is a warning.
        "--option=APT::Update::Error-Mode=any",
    ]
    _run(["apt-get", *options, "--quiet=2", "update"])
    _run(["apt-get", *options, "--quiet=2", "download", *packages], cwd=layer / "packages")
    return sorted((layer / "packages").glob("*.deb"))


def _run(command, cwd=None):
    try:
        done = subprocess.run(
            command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise Unobtainable(f"{command[0]} took over {SECONDS} s") from None
    if done.returncode != 0:
        raise Unobtainable(f"{command[0]}: {(done.stderr or done.stdout).strip()}")
