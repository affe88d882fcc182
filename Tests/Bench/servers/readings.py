"""What the kernel says about a running process."""

import os
import re
import time


def resident(pid):
    """Kilobytes. A daemon that forbids dumps shows its smaps to root alone; for others there is the coarser VmRSS."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            text = file.read()
        names = ["Rss", "Pss", "Private_Dirty", "Private_Clean"]
    except PermissionError:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            text = file.read().replace("VmRSS", "Rss")
        names = ["Rss"]
    return {name: int(re.search(rf"^{name}:\s*(\d+) kB", text, re.M).group(1)) for name in names}


def resident_at_rest(pid):
    """The same, when it no longer moves by more than 64 KiB in 0.1 s."""
    last = resident(pid)
    for _ in range(30):
        time.sleep(0.1)
        now = resident(pid)
        if abs(now["Rss"] - last["Rss"]) <= 64:
            return now
        last = now
    return last


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


def cpu_ns(pid):
    """The CPU time of all threads, those that have ended too: clock_getcpuclockid(3) makes the clock's id so."""
    cpuclock_sched = 2
    return time.clock_gettime_ns((~pid << 3) | cpuclock_sched)
