"""The versions of systemd that the checks run on, and where each comes from: a root and what lies over it."""
import os
import pathlib
import shutil
import subprocess
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
CACHE = REPOSITORY / ".build/booted"
MIRROR = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
BACKPORTS = ["systemd", "libsystemd-shared", "libsystemd0", "libudev1"]
TRIXIE = [
    "systemd", "systemd-sysv", "dbus", "libpam-systemd", "passwd", "procps", "python3-minimal", "libpython3-stdlib",
    "libsqlite3-0", "libstdc++6", "libyaml-0-2", "zlib1g",
]
SECONDS = 180
APT = [
    'Acquire::Languages "none"', 'Acquire::Retries "1"', 'Acquire::http::Timeout "15"',
    # Without it a mirror that cannot be reached is a warning.
    'APT::Update::Error-Mode "any"',
]


class Unreachable(Exception):
    """Not to be had on this machine, or not now."""


class Unusable(Exception):
    """What it is made of can be reached, and it cannot be made."""


def host():
    """The machine's own."""
    return "/", None


def backports():
    """systemd 254 for Debian 12: its packages unpacked over the machine's root. Nothing is installed."""
    if "bookworm" not in pathlib.Path("/etc/os-release").read_text():
        raise Unreachable("systemd 254 is to be had for Debian 12 alone, which this machine is not")
    layer = CACHE / "backports"
    if not (layer / "done").exists():
        shutil.rmtree(layer, ignore_errors=True)
        # Packages still name /lib and /sbin, which are links: in a layer without them they would become folders.
        for name in ("bin", "sbin", "lib"):
            (layer / "root/usr" / name).mkdir(parents=True)
            (layer / "root" / name).symlink_to(f"usr/{name}")
        for package in _download(layer, "bookworm-backports", BACKPORTS):
            unpack = 'dpkg-deb --fsys-tarfile "$0" | tar -x --keep-directory-symlink -C "$1"'
            subprocess.run(["bash", "-o", "pipefail", "-c", unpack, str(package), str(layer / "root")], check=True)
        (layer / "done").touch()
    return "/", layer / "root"


def trixie():
    """systemd 257: a Debian 13 of its own."""
    layer = CACHE / "trixie"
    if not (layer / "done").exists():
        shutil.rmtree(layer, ignore_errors=True)
        layer.mkdir(parents=True)
        options = ["--variant=minbase", f"--include={','.join(TRIXIE)}", *(f"--aptopt={option};" for option in APT)]
        _fetch("trixie", ["mmdebstrap", "--quiet", *options, "trixie", str(layer / "root"), MIRROR])
        (layer / "done").touch()
    return layer / "root", None


ALL = {"host": host, "backports": backports, "trixie": trixie}


def _download(layer, suite, packages):
    """Packages of a suite that the machine's apt need not know."""
    (layer / "packages").mkdir(parents=True)
    apt = _apt(layer, suite)
    _fetch(suite, [*apt, "update"])
    _fetch(suite, [*apt, "download", *packages], cwd=layer / "packages")
    return sorted((layer / "packages").glob("*.deb"))


def _apt(folder, suite):
    """apt-get with lists of its own, in the folder, of the suite alone."""
    for name in ("apt/lists/partial", "apt/cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "apt/sources.list").write_text(f"deb [signed-by={KEYRING}] {MIRROR} {suite} main\n")
    options = [
        "Dir::Etc::SourceParts \"-\"", f"Dir::Etc::SourceList \"{folder}/apt/sources.list\"",
        f"Dir::State::Lists \"{folder}/apt/lists\"", f"Dir::Cache \"{folder}/apt/cache\"",
        "APT::Sandbox::User \"root\"", *APT,
    ]
    configuration = folder / "apt/apt.conf"
    configuration.write_text("".join(f"{option};\n" for option in options))
    return ["env", f"APT_CONFIG={configuration}", "apt-get", "--quiet=2"]


def _fetch(suite, command, cwd=None):
    said = _attempt(command, cwd)
    if said is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        unreachable = _attempt([*_apt(pathlib.Path(folder), suite), "update"])
    if unreachable is not None:
        raise Unreachable(f"{MIRROR} cannot be reached for {suite}: {unreachable}")
    raise Unusable(f"{suite} at {MIRROR} can be reached, and still: {said}")


def _attempt(command, cwd=None):
    """None where the command succeeds, else what it says."""
    try:
        done = subprocess.run(
            command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return f"not done within {SECONDS} s"
    return None if done.returncode == 0 else " ".join((done.stderr or done.stdout).split())
