"""One change and all who watch: how long until the last of them has it."""

from servers.daemon import signed_in

# Enough for 200 watches on each of 50 connections.
LIMITS = "limits: {maxSubscriptions: 256}\n"
CONNECTIONS = 50
# Watches in all, and how many changes are made.
CROWDS = [(400, 200), (10000, 20)]


def measure(place):
    """`alone` is what the author's answer takes when nobody watches: the change itself, and its way to the disk. What
    the last watcher takes over that is the fan-out's own."""
    daemon = signed_in(place, LIMITS)
    place.progress("fan-out")
    alone = place.tool("fanout", daemon.socket_path, 0, 1, CROWDS[0][1])["reply"]
    figures = {"alone": alone, "connections": CONNECTIONS, "crowds": []}
    for watches, changes in CROWDS:
        place.progress(f"fan-out to {watches}")
        run = place.tool("fanout", daemon.socket_path, CONNECTIONS, watches // CONNECTIONS, changes)
        figures["crowds"].append({
            "watches": watches, "changes": changes, **run, "lastOverAlone": run["last"]["p50"] - alone["p50"],
        })
    return figures
