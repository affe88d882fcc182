"""The client library in a program of its own: from nothing to the first answer, and what is known without asking."""

import os
import statistics

import placement
from failure import Failure
from measures.contenders import LIMITS
from servers.counter import allocations
from servers.daemon import signed_in

CLIENTS = 1000
# Programs that have just begun, with one client each.
PROGRAMS = 30
LOOPS, READS = 11, 1_000_000
COUNTED_READS = 100_000


def measure(place):
    daemon = signed_in(place, LIMITS)
    servers, asking = placement.split()
    placement.confine(daemon.pid, servers)

    def run(what, *arguments, environment=None):
        return place.json_of(
            place.client_bench, what, daemon.socket_path, *arguments, environment=environment or {},
            preexec_fn=lambda: os.sched_setaffinity(0, {asking}))

    place.progress("the client library: first answers")
    warm = run("connect", CLIENTS)
    cold = [run("connect", 1) for _ in range(PROGRAMS)]
    place.progress("the client library: cached reads")
    return {
        "warm": {name: _percentiles(samples) for name, samples in warm.items()},
        "cold": {name: _percentiles([samples[name][0] for samples in cold]) for name in warm},
        "cached": _per_read(run("cached", LOOPS, READS)),
        "cachedAllocations": _allocations(place, run),
    }


def _percentiles(nanoseconds):
    samples = sorted(nanoseconds)
    return {
        "p50": statistics.median(samples) / 1e3, "p99": samples[len(samples) * 99 // 100] / 1e3,
        "min": samples[0] / 1e3,
    }


def _per_read(figures):
    per_read = [taken / figures["reads"] for taken in figures["loops"]]
    return {"p50": statistics.median(per_read), "min": min(per_read)}


def _allocations(place, run):
    """A read's share of what a program with twice as many reads allocates more."""
    counted = []
    for loops in (1, 2):
        counter, environment = allocations(place)
        run("cached", loops, COUNTED_READS, environment=environment)
        counted.append(counter.value())
    if counted[0] == 0:
        raise Failure("allocations of client-bench cannot be counted: is its allocator linked statically?")
    return (counted[1] - counted[0]) / COUNTED_READS
