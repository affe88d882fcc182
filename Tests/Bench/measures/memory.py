"""Resident memory at rest, and what an idle connection adds to it."""

from measures.contenders import LIMITS
from servers import readings
from servers.daemon import rpc, signed_in

CONNECTIONS = 500


def measure(place):
    place.progress("memory")
    daemon = signed_in(place, LIMITS)
    # Signing up has hashed a password and written a database, which a daemon that serves has not: it starts again.
    daemon.stop()
    daemon.start()
    figures = {"oneProfile": daemon.memory(), "threads": readings.threads(daemon.pid)}
    figures["connectionKiB"] = _connection(daemon)
    return figures


def _connection(daemon):
    """Each has asked once and heard its answer."""
    before = daemon.memory()["Rss"]
    connections = []
    try:
        for _ in range(CONNECTIONS):
            connections.append(daemon.connect())
            rpc(connections[-1], "server.ping")
        return (daemon.memory()["Rss"] - before) / CONNECTIONS
    finally:
        for connection in connections:
            connection.close()
