"""`sessionctl status` and `sessionctl token`, each in turns with /bin/true: what they take over it is their own."""

import subprocess

from failure import Failure
from servers.daemon import signed_in

COUNT = 100


def measure(place):
    daemon = signed_in(place)
    figures = {}
    for verb in ("status", "token"):
        place.progress(f"sessionctl {verb}")
        command = [place.sessionctl, "--socket", daemon.socket_path, verb]
        _check(command)
        runs = place.tool("commands", COUNT, "/bin/true", "--", *command)
        figures[verb] = {
            "wall": runs["second"], "cpu": runs["secondCPU"], "true": runs["first"], "trueCPU": runs["firstCPU"],
            "over": runs["second"]["p50"] - runs["first"]["p50"],
        }
    return figures


def _check(command):
    shown = subprocess.run(command, stdout=subprocess.PIPE, timeout=10, check=False)
    if shown.returncode != 0 or not shown.stdout.strip():
        raise Failure(f"{' '.join(command)} failed")
