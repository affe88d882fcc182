"""A hundred signed-in profiles with the ordinary heartbeat of 180 s: to start, to hold, and at rest."""

from measures.rest import watch
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
        "rest": watch(place, daemon.pid),
    }


def _crowd(place):
    names = [f"p{number:03}" for number in range(1, PROFILES)]
    profiles = "".join(f"  {name}: {{provider: embedded}}\n" for name in ["default", *names])
    daemon = signed_in(place, f"profiles:\n{profiles}")
    for name in names:
        grant = daemon.call("authority.grant", username="ada")["accessToken"]
        daemon.call("session.exchange", profile=name, accessToken=grant, sessionDurationMinutes=1440)
    return daemon
