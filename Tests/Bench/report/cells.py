"""Tables of the cells: methods, shapes and contenders."""

from report.table import table

NAMES = ["sessiond", "redis", "floor"]
# From here on the load maker has no time left to ask for more.
SATURATED = 0.97


def _label(cell):
    return f"{cell['method']} {cell['connections']} x {cell['depth']}"


def _of_all(cell, shown):
    return [shown(cell[name]) if name in cell else "-" for name in NAMES]


def _ratio(cell, name):
    """The median of the rounds, and the rounds' least and most."""
    if name not in cell:
        return "-"
    ratio = cell["over"][name]["perSecond"]
    return f"{ratio['median']:.2f} ({ratio['least']:.2f}-{ratio['most']:.2f})"


def _rate(run):
    """Marked where it is the load maker's limit as much as the server's."""
    return f"{run['perSecond']:.0f}{'*' if run['loadBusy'] > SATURATED else ''}"


def rates(cells):
    rows = [["req/s", *NAMES, "over redis", "over floor"]]
    rows += [[_label(cell), *_of_all(cell, _rate), _ratio(cell, "redis"), _ratio(cell, "floor")] for cell in cells]
    return table(rows)


def latencies(cells):
    figures = {"p50 us": "p50", "p99 us": "p99", "p99.9 us": "p999"}
    rows = [["latency", *[text for title in figures for text in (title, *NAMES[1:])]]]
    for cell in cells:
        rows.append([_label(cell), *[
            text for figure in figures.values() for text in _of_all(cell, lambda run, name=figure: f"{run[name]:.0f}")
        ]])
    return table(rows)


def costs(cells, allocations):
    """CPU time of the server, and calls of its allocator, per request."""
    counted = {(cell["method"], cell["connections"], cell["depth"]): cell for cell in allocations}
    rows = [["per request", "CPU us", *NAMES[1:], "allocations", *NAMES[1:]]]
    for cell in cells:
        counts = counted.get((cell["method"], cell["connections"], cell["depth"]), {})
        rows.append([
            _label(cell), *_of_all(cell, lambda run: f"{run['serverCPU']:.2f}"),
            *_of_all(counts, lambda count: f"{count:.2f}"),
        ])
    return table(rows)


def load_maker(cells):
    """What a request of the widest shape costs the load maker: about the same with every contender, or the comparison
    is of load makers."""
    widest = max(cells, key=lambda cell: (len(cell), cell["connections"] * cell["depth"]))
    figures = ", ".join(f"{name} {widest[name]['loadCPU']:.2f}" for name in NAMES if name in widest)
    return f"the load maker's own CPU us per request of {_label(widest)}: {figures}"


def counts(allocations):
    rows = [["allocations per request", *NAMES]]
    rows += [[_label(cell), *_of_all(cell, lambda count: f"{count:.2f}")] for cell in allocations]
    return table(rows)
