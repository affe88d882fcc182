"""How often a process's threads go to sleep, which is how often they have been awake."""

import collections
import os
import re
import time

# How often the threads are looked at. One that ends takes along what it has done since the last look, and one that
# begins and ends between two is never seen: both are then counted too low, by at most their own share of this time.
STEP = 0.1


def switches_in(pid, seconds):
    """What happens in that time: `voluntary` switches, which are wake-ups, `nonvoluntary` ones, which are
    interruptions, and the wake-ups by the names of the threads."""
    begun = time.monotonic()
    sums, names, last = collections.Counter(), collections.Counter(), _threads(pid)
    while (left := begun + seconds - time.monotonic()) > 0:
        time.sleep(min(STEP, left))
        now = _threads(pid)
        for thread, (name, counts) in now.items():
            # A new thread has all of its switches in this time.
            before = last[thread][1] if thread in last else collections.Counter()
            sums.update(counts - before)
            names.update({name: (counts - before)["voluntary"]})
        last = now
    return {
        "seconds": time.monotonic() - begun, "voluntary": sums["voluntary"], "nonvoluntary": sums["nonvoluntary"],
        "byThread": {name: count for name, count in names.items() if count > 0},
    }


def wait_for_rest(pid):
    """Until no thread has come or gone for six seconds, 20 s at most: libdispatch's end after five without work."""
    end = time.monotonic() + 20
    last, since = _threads(pid).keys(), time.monotonic()
    while time.monotonic() < min(since + 6, end):
        time.sleep(STEP)
        now = _threads(pid).keys()
        if now != last:
            last, since = now, time.monotonic()


def _threads(pid):
    """By number and start, as a number may be given out again: the name, and the counts since the thread began."""
    found = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/stat", encoding="ascii", errors="replace") as file:
                started = file.read().rpartition(")")[2].split()[19]
            with open(f"/proc/{pid}/task/{task}/status", encoding="ascii", errors="replace") as file:
                text = file.read()
        except (FileNotFoundError, ProcessLookupError):
            # It has just ended.
            continue
        counts = dict(re.findall(r"^(voluntary|nonvoluntary)_ctxt_switches:\s*(\d+)", text, re.M))
        name = re.search(r"^Name:\s*(.*)", text, re.M).group(1)
        found[task, started] = name, collections.Counter({kind: int(count) for kind, count in counts.items()})
    return found
