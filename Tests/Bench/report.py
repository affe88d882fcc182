"""The figures, for people."""

AIMS = [
    ("READY, one stored profile", "ms", 100, lambda result: result["start"]["ready"]["p50"]),
    ("resident memory, one profile", "MiB", 40, lambda result: result["memory"]["oneProfile"]["Rss"] / 1024),
    ("sessionctl status over /bin/true", "ms", 5,
     lambda result: result["commandLine"]["status"]["p50"] - result["commandLine"]["true"]["p50"]),
]


def aims(result):
    """Each aim with what was measured and whether it is met."""
    return [
        {"what": what, "unit": unit, "aim": aim, "measured": round(measure(result), 2), "met": measure(result) < aim}
        for what, unit, aim, measure in AIMS
    ]


def table(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) if column == 0 else cell.rjust(width)
                  for column, (cell, width) in enumerate(zip(row, widths))).rstrip()
        for row in rows)


def throughput(cells):
    rows = [["method, connections x pipeline", "req/s", "floor", "ratio", "p50 us", "floor", "p99 us", "floor",
             "p99.9", "CPU us", "floor"]]
    for cell in cells:
        ours, floor = cell["sessiond"], cell["floor"]
        rows.append([
            f"{cell['method']} {cell['connections']} x {cell['depth']}",
            f"{ours['perSecond']:.0f}", f"{floor['perSecond']:.0f}",
            f"{ours['perSecond'] / floor['perSecond']:.2f}",
            f"{ours['p50']:.0f}", f"{floor['p50']:.0f}", f"{ours['p99']:.0f}", f"{floor['p99']:.0f}",
            f"{ours['p999']:.0f}", f"{ours['serverCPU']:.2f}", f"{floor['serverCPU']:.2f}",
        ])
    return table(rows)


def others(result):
    start, memory, line = result["start"], result["memory"], result["commandLine"]
    first = result["firstReply"]
    crowd = result["crowd"]

    def mebibytes(figures):
        return f"{figures['Rss'] / 1024:.1f} MiB"

    rows = [
        ["exec to READY, one stored profile",
         f"{start['ready']['p50']:.1f} ms", f"p99 {start['ready']['p99']:.1f}"],
        ["first answer after READY", f"{start['firstReply']['p50']:.2f} ms", f"p99 {start['firstReply']['p99']:.2f}"],
        ["SIGTERM to exit", f"{start['stop']['p50']:.1f} ms", f"p99 {start['stop']['p99']:.1f}"],
        [f"exec to READY, {crowd['profiles']} stored profiles",
         f"{crowd['ready']['p50']:.1f} ms", f"p99 {crowd['ready']['p99']:.1f}"],
        ["connect, ask, hear, close", f"{first['sessiond']['p50']:.0f} us", f"floor {first['floor']['p50']:.0f}"],
        ["resident, one profile", mebibytes(memory["oneProfile"]), f"{memory['threads']} threads"],
        ["resident after the load", mebibytes(memory["afterLoad"]), ""],
        [f"resident, {crowd['profiles']} profiles", mebibytes(crowd["memory"]), ""],
        ["resident a connection at rest", f"{memory['connectionKiB']:.1f} KiB", ""],
        ["sessionctl status", f"{line['status']['p50']:.2f} ms", f"p99 {line['status']['p99']:.2f}",
         f"CPU {line['statusCPU']['p50']:.2f}"],
        ["/bin/true", f"{line['true']['p50']:.2f} ms", f"p99 {line['true']['p99']:.2f}",
         f"CPU {line['trueCPU']['p50']:.2f}"],
    ]
    return table([row + [""] * (4 - len(row)) for row in rows])


def text(result):
    machine = result["machine"]
    lines = [
        f"{machine['cpus']} CPUs, Linux {machine['kernel']}, load {machine['loadBefore']:.1f} before and "
        f"{machine['loadAfter']:.1f} after; medians of {result['rounds']} rounds of {result['milliseconds']} ms",
        "", throughput(result["cells"]), "", others(result), "",
    ]
    for aim in result["aims"]:
        verdict = "pass" if aim["met"] else "MISS"
        lines.append(f"{verdict}  {aim['what']}: {aim['measured']:.1f} {aim['unit']}, aim under {aim['aim']}")
    if machine["loadBefore"] > machine["cpus"] / 2:
        lines.append("The machine was busy before this run: believe the ratios and the CPU times, not the rest.")
    return "\n".join(lines)
