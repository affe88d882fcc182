"""What Debian's policy says of the package, by lintian."""
import pathlib
import subprocess

RULE = "lintian finds no error in the package"
# Packages for the checks are not compressed, so that they are made in seconds.
UNCOMPRESSED = ("uses-no-compression-for-control-tarball", "uses-no-compression-for-data-tarball")
# Programs that are built for debugging find Swift's libraries where the compiler has them.
DEBUGGING = ("custom-library-search-path",)
SECONDS = 300


def errors(folder, is_shipped):
    """What lintian complains of in the older of the packages; None where it finds no error."""
    package = min(pathlib.Path(folder).glob("*.deb"), key=lambda path: len(path.name))
    excused = UNCOMPRESSED if is_shipped else UNCOMPRESSED + DEBUGGING
    done = subprocess.run(
        ["lintian", "--allow-root", "--fail-on", "error", "--tag-display-limit", "0",
         "--suppress-tags", ",".join(excused), str(package)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS)
    return None if done.returncode == 0 else (done.stdout + done.stderr).strip()
