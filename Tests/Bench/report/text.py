"""The whole report."""

from report import cells
from report.others import others


def text(result):
    blocks = [_head(result)]
    if "throughput" in result:
        measured = result["throughput"]["cells"]
        blocks += [cells.rates(measured), cells.latencies(measured),
                   cells.costs(measured, result.get("allocations", []))]
        blocks.append("* the load maker was at its limit: the server may be faster\n" + cells.load_maker(measured))
    elif "allocations" in result:
        blocks.append(cells.counts(result["allocations"]))
    blocks += [others(result), "\n".join(_verdict(aim) for aim in result["aims"])]
    if result["machine"]["loadBefore"] > result["machine"]["cpus"] / 2:
        blocks.append("The machine was busy before this run: believe the ratios and the CPU times, not the rest.")
    return "\n\n".join(block for block in blocks if block)


def _head(result):
    machine, peers = result["machine"], result["peers"]
    lines = [
        f"{machine['cpus']} CPUs, Linux {machine['kernel']}, load {machine['loadBefore']:.1f} before and "
        f"{machine['loadAfter']:.1f} after; medians of {result['rounds']} rounds of {result['milliseconds']} ms; "
        f"took {sum(result['tookSeconds'].values()):.0f} s",
        peers["redis"] or "no Redis: BENCH_PEERS=1 make bench installs one",
        peers["oidcAgent"] or "no oidc-agent: BENCH_PEERS=1 make bench installs one",
    ]
    if "throughput" in result:
        sizes = ", ".join(f"{method} {size}" for method, size in result["throughput"]["replyBytes"].items())
        lines.append(f"bytes of a reply: {sizes}; the value in Redis has the size of session.get's")
    return "\n".join(lines)


def _verdict(aim):
    unit = f" {aim['unit']}" if aim["unit"] else ""
    return (f"{'pass' if aim['met'] else 'MISS'}  {aim['what']}: {aim['measured']:.2f}{unit}, "
            f"aim {aim['relation']} {aim['aim']:g}")
