"""A daemon with one signed-in profile that nobody asks: what wakes it is its own doing."""

import time

from servers import readings
from servers.daemon import signed_in
from servers.switches import switches_in, wait_for_rest

# A round of the watchdog comes every third of this, so that none falls into the time that is watched.
NO_WATCHDOG = {"WATCHDOG_USEC": str(3600 * 1_000_000)}
INTERVAL_MS = 1000
WARM_UP_SECONDS = 3
BEATING = f"profiles:\n  default: {{provider: embedded, heartbeat: {{interval: {INTERVAL_MS}ms, jitter: 0}}}}\n"


def measure(place):
    """`still` until the next deadline, which is a heartbeat minutes away; `beating` with such a deadline every second,
    for which of the wake-ups are a heartbeat's."""
    daemon = signed_in(place, environment=NO_WATCHDOG)
    daemon.stop()
    daemon.start()
    place.progress("at rest: until it is quiet")
    wait_for_rest(daemon.pid)
    still = watch(place, daemon.pid)
    daemon.stop()
    daemon.configure(BEATING)
    daemon.start()
    # What starting has begun is done by then.
    place.progress("at rest: a heartbeat a second")
    time.sleep(WARM_UP_SECONDS)
    beating = watch(place, daemon.pid)
    beats = beating["seconds"] * 1000 / INTERVAL_MS
    return {
        "still": still, "beating": beating,
        "wakeUpsPerBeat": (beating["wakeUpsPerSecond"] - still["wakeUpsPerSecond"]) * beating["seconds"] / beats,
        "cpuMicrosecondsPerBeat": (beating["cpuPercent"] - still["cpuPercent"]) * 1e4 * beating["seconds"] / beats,
    }


def watch(place, pid):
    """CPU time and wake-ups while nobody asks."""
    place.progress(f"{place.settings.seconds} s at rest")
    cpu = readings.cpu_ns(pid)
    switches = switches_in(pid, place.settings.seconds)
    passed = switches["seconds"]
    return {
        "seconds": passed,
        "cpuPercent": (readings.cpu_ns(pid) - cpu) / passed / 1e7,
        "wakeUpsPerSecond": switches["voluntary"] / passed,
        "interruptionsPerSecond": switches["nonvoluntary"] / passed,
        "wakeUpsByThread": switches["byThread"],
    }
