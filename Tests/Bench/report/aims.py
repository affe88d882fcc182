"""What the figures should be. An aim that is missed is printed, and fails the run where BENCH_STRICT is 1."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Aim:
    """`measured` is to be over the aim or under it, or just there, as `relation` says."""

    part: str
    what: str
    unit: str
    relation: str
    aim: float
    measured: float

    def judged(self):
        is_met = self.measured >= self.aim if self.relation == "at least" else self.measured <= self.aim
        return {
            "part": self.part, "what": self.what, "unit": self.unit, "relation": self.relation, "aim": self.aim,
            "measured": round(self.measured, 3), "met": is_met,
        }


def judged(result):
    """The aims of the parts that were run."""
    return [aim.judged() for part, aims in AIMS.items() if part in result for aim in aims(part, result[part])]


def _throughput(part, figures):
    for cell in figures["cells"]:
        over, what = cell["over"], f"{cell['method']} {cell['connections']} x {cell['depth']}"
        if "redis" in cell:
            yield Aim(part, f"{what}, req/s over Redis's", "", "at least", 1, over["redis"]["perSecond"]["median"])
            yield Aim(part, f"{what}, p99 over Redis's", "", "at most", 1, over["redis"]["p99"]["median"])
        if cell["connections"] > 1 and cell["method"] == "session.get":
            yield Aim(part, f"{what}, req/s over the floor's", "", "at least", 0.6,
                      over["floor"]["perSecond"]["median"])


def _allocations(part, cells):
    for method in dict.fromkeys(cell["method"] for cell in cells):
        most = max(cell["sessiond"] for cell in cells if cell["method"] == method)
        # A connection that comes or goes between the counted requests may be in it.
        yield Aim(part, f"allocations a {method}", "", "at most", 0.01, most)


def _fanout(part, figures):
    crowd = figures["crowds"][0]
    yield Aim(part, f"the last of {crowd['watches']} watches, over the change alone", "ms", "at most", 5,
              crowd["lastOverAlone"])


def _rest(part, figures):
    # libdispatch wakes its manager once a second to look at its pool (_dispatch_workq_monitor_pools), for as long as
    # the process lives. There is to be no other timer; a late tick is left to chance.
    yield Aim(part, "one profile at rest", "wake-ups a second", "at most", 1.1, figures["still"]["wakeUpsPerSecond"])


def _crowd(part, figures):
    yield Aim(part, f"{figures['profiles']} profiles at rest", "% of a core", "at most", 0.1,
              figures["rest"]["cpuPercent"])
    # One is libdispatch's; a round of the watchdog every ten seconds is the rest.
    yield Aim(part, f"{figures['profiles']} profiles at rest", "wake-ups a second", "at most", 5,
              figures["rest"]["wakeUpsPerSecond"])


def _memory(part, figures):
    yield Aim(part, "resident memory, one profile", "MiB", "at most", 25, figures["oneProfile"]["Rss"] / 1024)
    yield Aim(part, "resident memory of a connection at rest", "KiB", "at most", 4, figures["connectionKiB"])


def _heartbeats(part, figures):
    yield Aim(part, f"{figures['profiles']} profiles with a heartbeat of 1 s", "of a core", "at most", 0.5,
              figures["core"])
    # A tenth of an interval is left to chance.
    yield Aim(part, "heartbeats that came", "a second", "at least", 0.9 * figures["profiles"], figures["perSecond"])


def _starting(part, figures):
    yield Aim(part, "exec to READY, one stored profile", "ms", "at most", 40, figures["ready"]["p50"])


def _commands(part, figures):
    for verb, runs in figures.items():
        yield Aim(part, f"sessionctl {verb} over /bin/true", "ms", "at most", 2, runs["over"])


def _client(part, figures):
    for state, whose in {"warm": "", "cold": " of a program that has just begun"}.items():
        yield Aim(part, f"the client library's first answer after connect{whose}", "ms", "at most", 1,
                  figures[state]["answer"]["p50"] / 1e3)
    yield Aim(part, "the client library's cached read", "ns", "at most", 100, figures["cached"]["p50"])


def _stress(part, figures):
    for name, run in figures.items():
        if name != "quiet":
            yield Aim(part, f"p99 under stress ({name}) / quiet", "", "at most", 2,
                      run["p99"] / figures["quiet"]["p99"])


AIMS = {
    "throughput": _throughput, "allocations": _allocations, "fanout": _fanout, "rest": _rest, "crowd": _crowd,
    "memory": _memory, "heartbeats": _heartbeats, "starting": _starting, "commands": _commands, "client": _client,
    "stress": _stress,
}
