"""How often a server asks its allocator per request, whichever allocator that is. Nothing is timed here: the counting
itself costs time."""

from failure import Failure
from measures.contenders import LIMITS, SHAPES, contenders
from servers.counter import allocations
from servers.daemon import signed_in

WARM_UP_MILLISECONDS = 300
# How often a shape is counted, where it is not zero the first time: a heartbeat or the watchdog's round may fall into a
# count, and into no two in a row.
COUNTS = 3


def measure(place):
    counters, environments = {}, {}
    for name in ("sessiond", "floor", "redis"):
        counters[name], environments[name] = allocations(place)
    daemon = signed_in(place, LIMITS, environments["sessiond"])
    cells = []
    for method, by_name in contenders(place, daemon, environments).items():
        for name in by_name:
            if counters[name].value() == 0:
                raise Failure(f"allocations of {name} cannot be counted: is its allocator linked statically?")
        for shape in SHAPES:
            place.progress(f"allocations: {method}, {shape[0]} x {shape[1]}")
            cells.append({
                "method": method, "connections": shape[0], "depth": shape[1],
                **{
                    name: _least(place, contender, shape, counters[name].path) for name, contender in by_name.items()
                },
            })
    return cells


def _least(place, contender, shape, counter_path):
    least = None
    for _ in range(COUNTS):
        count = contender.load(place, shape, WARM_UP_MILLISECONDS, counter_path)["perRequest"]
        least = count if least is None else min(least, count)
        if least == 0:
            break
    return least
