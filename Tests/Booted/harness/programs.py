"""The programs under test, as they are shared with the booted system."""
import os
import pathlib
import re
import subprocess

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
NAMES = ("sessiond", "sessionctl")
EVERYWHERE = ("/lib/", "/lib64/", "/usr/lib/")


def prepare(build, folder):
    """Puts into the folder what the checks install: the programs, and packages of them.

    Returns the folder of Swift's libraries, which programs that are built for debugging need; None where they are
    linked in, as in what is shipped.
    """
    swift = _runtime(build)
    # The service's own user reads there what a check loads into it.
    folder.chmod(0o755)
    _strip(build, folder)
    _package(folder, is_shipped=swift is None)
    _slow_disk(folder)
    return swift


def _strip(build, folder):
    """Puts the built programs into the folder without debugging information, which is most of them."""
    for name in NAMES:
        subprocess.run(["strip", "-o", str(folder / name), str(pathlib.Path(build, name))], check=True)


def _package(folder, is_shipped):
    """Puts two Debian packages beside the stripped programs: the product's version, and a later one with the same in it."""
    product = re.search(r'current = "(.*)"', (REPOSITORY / "Sources/SessionProtocol/ProductVersion.swift").read_text())
    for version in (product[1], f"{product[1]}+booted"):
        environment = os.environ | {
            "DEB_VERSION": version, "DEB_FOREIGN_LIBRARIES": "" if is_shipped else "1", "STRIP": "true",
            "DPKG_DEB_COMPRESSOR_TYPE": "none",
            # Of the last commit, which git does not tell everybody.
            "SOURCE_DATE_EPOCH": "1767225600", "DEBFULLNAME": "sessiond", "DEBEMAIL": "sessiond@example.org"}
        made = subprocess.run(
            [REPOSITORY / "scripts/deb", *(str(folder / name) for name in NAMES), str(folder)],
            env=environment, capture_output=True, text=True)
        if made.returncode != 0:
            raise RuntimeError(f"scripts/deb: {made.stderr}")


def _runtime(build):
    folders = set()
    for name in NAMES:
        needed = subprocess.run(["ldd", str(pathlib.Path(build, name))], capture_output=True, text=True).stdout
        paths = re.findall(r"=> (/\S+)", needed)
        folders |= {pathlib.Path(path).parent for path in paths if not path.startswith(EVERYWHERE)}
    if len(folders) > 1:
        raise RuntimeError(f"libraries in several folders: {sorted(map(str, folders))}")
    return folders.pop() if folders else None


def _slow_disk(folder):
    """Puts beside them what the checks of a slow disk load into the daemon."""
    source = pathlib.Path(__file__).with_name("slow-disk.c")
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(folder / "slow-disk.so"), str(source)],
        check=True)
