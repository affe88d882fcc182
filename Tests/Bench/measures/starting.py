"""From exec to READY, as a service manager waits for it, on a state directory with one signed-in profile."""

import os

from measures.contenders import REQUESTS
from servers.daemon import signed_in

COUNT = 20


def measure(place):
    place.progress("start and stop")
    daemon = signed_in(place)
    place.stop(daemon)
    return start_up(place, daemon, COUNT)


def start_up(place, daemon, count):
    """Time to READY, to the first answer after it, and to stop, of a daemon that is not running now."""
    request = REQUESTS["server.ping"].decode().rstrip("\n")
    return place.tool("start", count, os.path.join(daemon.folder, "notify"), daemon.socket_path, request,
                      daemon.log_path, *daemon.command)
