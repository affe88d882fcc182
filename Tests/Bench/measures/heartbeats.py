"""A thousand profiles that ask a service on loopback every second whether their session lives."""

import time

from servers import child, readings
from servers.daemon import Daemon, rpc
from servers.upstream import TOKEN, ConfirmingUpstream, profile

PROFILES = 1000
NAMES = ["default", *(f"p{number:03}" for number in range(1, PROFILES))]


def measure(place):
    place.progress(f"{PROFILES} profiles with a heartbeat of 1 s")
    upstream = place.start(ConfirmingUpstream(place))
    daemon = _crowd(place, upstream)
    daemon.stop()
    daemon.configure(_configuration(upstream, "1s"))
    daemon.start()
    # A daemon that cannot keep up is measured all the same: the figures say so.
    child.comes_true(lambda: daemon.active_profiles() == PROFILES, daemon.process, 30)

    seconds = place.settings.seconds
    place.progress(f"{PROFILES} profiles with a heartbeat of 1 s, {seconds} s")
    begun, cpu, asked = time.monotonic(), readings.cpu_ns(daemon.pid), upstream.asked.value()
    time.sleep(seconds)
    passed, used = time.monotonic() - begun, readings.cpu_ns(daemon.pid) - cpu
    beats = upstream.asked.value() - asked
    return {
        "profiles": PROFILES, "perSecond": beats / passed, "core": used / passed / 1e9,
        "cpuPerBeat": used / 1e3 / max(beats, 1), "active": daemon.active_profiles(),
        "memory": readings.resident(daemon.pid),
    }


def _configuration(upstream, interval):
    return "profiles:\n" + "".join(f"  {name}: {profile(upstream.port, interval)}\n" for name in NAMES)


def _crowd(place, upstream):
    """Signed in at leisure: a thousand heartbeats a second while sessions are handed in would be another measure."""
    daemon = place.start(Daemon(place.sessiond, place.private("d"), _configuration(upstream, "1d")))
    with daemon.connect() as connection:
        for name in NAMES:
            rpc(connection, "session.update", profile=name, sessionToken=TOKEN)
    return daemon
