"""Which CPUs serve and which ask.

Left alone, the scheduler puts client and server now on one CPU and now on two, and with one request in flight the one
takes five times as long as the other. So the last CPU is the load maker's and the servers, all alike, have the others.
"""

import os


def split():
    """(the servers' CPUs, the load maker's); where there is one CPU they share it."""
    cpus = sorted(os.sched_getaffinity(0))
    return set(cpus[:-1] or cpus), cpus[-1]


def confine(pid, cpus):
    """All threads that there are now; those to come inherit it."""
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            os.sched_setaffinity(int(task), cpus)
        except ProcessLookupError:
            continue
