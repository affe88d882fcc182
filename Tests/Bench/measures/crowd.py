"""A hundred signed-in profiles with the ordinary heartbeat of 180 s: to start, to hold, and at rest."""

import time

from measures.starting import start_up
from servers import child, readings
from servers.daemon import signed_in

PROFILES = 100
STARTS = 5


def measure(place):
    place.progress(f"{PROFILES} profiles")
    daemon = _crowd(place)
    daemon.stop()
    ready = start_up(place, daemon, STARTS)["ready"]
    daemon.start()
    # What was restored is asked about at once: the rest begins after that.
    child.wait_until("confirmed sessions", lambda: daemon.active_profiles() == PROFILES, daemon.process, 60)
    memory = daemon.memory()
    return {
        "profiles": PROFILES, "ready": ready, "memory": memory, "threads": readings.threads(daemon.pid),
        "rest": at_rest(place, daemon.pid),
    }


def at_rest(place, pid):
    """CPU time and wake-ups while nobody asks. Each time that a thread goes to sleep again it has been awake, so the
    voluntary switches count the wake-ups."""
    seconds = place.settings.seconds
    place.progress(f"{seconds} s at rest")
    begun, cpu, switches = time.monotonic(), readings.cpu_ns(pid), readings.context_switches(pid)
    time.sleep(seconds)
    passed, after = time.monotonic() - begun, readings.context_switches(pid)
    return {
        "seconds": passed,
        "cpuPercent": (readings.cpu_ns(pid) - cpu) / passed / 1e7,
        "wakeUpsPerSecond": (after["voluntary"] - switches["voluntary"]) / passed,
        "interruptionsPerSecond": (after["nonvoluntary"] - switches["nonvoluntary"]) / passed,
    }


def _crowd(place):
    names = [f"p{number:03}" for number in range(1, PROFILES)]
    profiles = "".join(f"  {name}: {{provider: embedded}}\n" for name in ["default", *names])
    daemon = signed_in(place, f"profiles:\n{profiles}")
    for name in names:
        grant = daemon.call("authority.grant", username="ada")["accessToken"]
        daemon.call("session.exchange", profile=name, accessToken=grant, sessionDurationMinutes=1440)
    return daemon
