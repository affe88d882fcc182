"""The programs under test, as they are shared with the booted system."""
import pathlib
import re
import subprocess

NAMES = ("sessiond", "sessionctl")
EVERYWHERE = ("/lib/", "/lib64/", "/usr/lib/")


def strip(build, folder):
    """Puts the built programs into the folder without debugging information, which is most of them."""
    for name in NAMES:
        subprocess.run(["strip", "-o", str(folder / name), str(pathlib.Path(build, name))], check=True)


def runtime(build):
    """The folder of Swift's libraries; None where they are linked in."""
    folders = set()
    for name in NAMES:
        needed = subprocess.run(["ldd", str(pathlib.Path(build, name))], capture_output=True, text=True).stdout
        paths = re.findall(r"=> (/\S+)", needed)
        folders |= {pathlib.Path(path).parent for path in paths if not path.startswith(EVERYWHERE)}
    if len(folders) > 1:
        raise RuntimeError(f"libraries in several folders: {sorted(map(str, folders))}")
    return folders.pop() if folders else None
