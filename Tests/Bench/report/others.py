"""The figures that are no cells: one row each."""

from report.table import table


def others(result):
    """The rows of the parts that were run."""
    rows = [row for part, rows_of in ROWS.items() if part in result for row in rows_of(result[part])]
    return table(rows) if rows else ""


def _mebibytes(figures):
    return f"{figures['Rss'] / 1024:.1f} MiB"


def _starting(figures):
    for name, what in {
        "ready": "exec to READY, one stored profile", "firstReply": "first answer after READY",
        "stop": "SIGTERM to exit",
    }.items():
        yield [what, f"{figures[name]['p50']:.2f} ms", f"p99 {figures[name]['p99']:.2f}"]


def _memory(figures):
    yield ["resident, one profile", _mebibytes(figures["oneProfile"]), f"{figures['threads']} threads"]
    yield ["resident a connection at rest", f"{figures['connectionKiB']:.1f} KiB"]


def _throughput(figures):
    yield ["resident after the load", _mebibytes(figures["memoryAfter"])]


def _commands(figures):
    for verb, runs in figures.items():
        yield [f"sessionctl {verb}", f"{runs['wall']['p50']:.2f} ms", f"p99 {runs['wall']['p99']:.2f}",
               f"CPU {runs['cpu']['p50']:.2f}", f"/bin/true {runs['true']['p50']:.2f}"]


def _connecting(figures):
    for name, run in figures.items():
        yield [f"connect, ask, hear, close: {name}", f"{run['p50']:.0f} us", f"p99 {run['p99']:.0f}",
               f"CPU {run['serverCPU']:.1f}", f"{run['perSecond']:.0f} a second"]


def _client(figures):
    for state, whose in {"warm": "", "cold": ", just begun"}.items():
        for figure, what in {"connect": "connect", "answer": "first answer after connect"}.items():
            run = figures[state][figure]
            yield [f"client library{whose}: {what}", f"{run['p50']:.0f} us", f"p99 {run['p99']:.0f}"]
    yield ["client library: cachedSession", f"{figures['cached']['p50']:.1f} ns", f"best {figures['cached']['min']:.1f}",
           f"{figures['cachedAllocations']:.2f} allocations"]


def _fanout(figures):
    yield ["a change that nobody watches", f"{figures['alone']['p50']:.2f} ms", f"p99 {figures['alone']['p99']:.2f}"]
    for crowd in figures["crowds"]:
        yield [f"the last of {crowd['watches']} watches has it", f"{crowd['last']['p50']:.2f} ms",
               f"p99 {crowd['last']['p99']:.2f}", f"over alone {crowd['lastOverAlone']:.2f}"]


def _rest(figures):
    still = figures["still"]
    yield ["at rest, one profile", f"{still['cpuPercent']:.3f} %", f"{still['wakeUpsPerSecond']:.1f} wake-ups/s"]
    yield ["a heartbeat of it", f"{figures['cpuMicrosecondsPerBeat']:.0f} us CPU",
           f"{figures['wakeUpsPerBeat']:.1f} wake-ups"]


def _crowd(figures):
    count, rest = figures["profiles"], figures["rest"]
    yield [f"exec to READY, {count} stored profiles", f"{figures['ready']['p50']:.1f} ms",
           f"p99 {figures['ready']['p99']:.1f}"]
    yield [f"resident, {count} profiles", _mebibytes(figures["memory"]), f"{figures['threads']} threads"]
    yield [f"at rest, {count} profiles", f"{rest['cpuPercent']:.3f} %", f"{rest['wakeUpsPerSecond']:.1f} wake-ups/s"]


def _heartbeats(figures):
    yield [f"{figures['profiles']} profiles, heartbeat 1 s", f"{figures['core']:.2f} core",
           f"{figures['perSecond']:.0f} beats/s", f"CPU {figures['cpuPerBeat']:.0f} us each",
           _mebibytes(figures["memory"])]
    yield ["of these confirmed", str(figures["active"])]


def _stress(figures):
    for name, run in figures.items():
        yield [f"session.get 1 x 1, {name}", f"{run['p50']:.0f} us", f"p99 {run['p99']:.0f}",
               f"p99.9 {run['p999']:.0f}"]


ROWS = {
    "starting": _starting, "memory": _memory, "throughput": _throughput, "commands": _commands,
    "client": _client, "connecting": _connecting, "fanout": _fanout, "rest": _rest, "crowd": _crowd,
    "heartbeats": _heartbeats, "stress": _stress,
}
