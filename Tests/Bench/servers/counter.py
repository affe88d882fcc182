"""A number in a file that a C program counts in (tools/counter.h)."""

import struct


class Counter:
    def __init__(self, place):
        self.path = place.file("n", bytes(8))

    def value(self):
        with open(self.path, "rb") as file:
            return struct.unpack("=Q", file.read(8))[0]


def allocations(place):
    """A counter, and the environment in which a program counts its allocations in it."""
    counter = Counter(place)
    return counter, {"LD_PRELOAD": place.tool_path("allocations.so"), "BENCH_ALLOCATIONS": counter.path}
