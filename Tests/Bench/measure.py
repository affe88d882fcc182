"""What is measured: each function takes running things and returns plain figures."""

import json
import os
import statistics
import subprocess

from daemon import Daemon, Failure, rpc

PING = '{"jsonrpc":"2.0","id":10,"method":"server.ping","params":{}}'
GET = '{"jsonrpc":"2.0","id":10,"method":"session.get"}'
REQUESTS = {"server.ping": PING, "session.get": GET}
CELLS = [(method, connections, depth) for method in REQUESTS for connections in (1, 50) for depth in (1, 16)]

IDLE_CONNECTIONS = 400
LIMITS = "limits: {maxConnectionsPerUser: 512, maxConnections: 512}\n"


def tool(tools, name, *arguments):
    """Runs one of the C programs; its JSON."""
    finished = subprocess.run(
        [os.path.join(tools, name), *map(str, arguments)], stdout=subprocess.PIPE, timeout=300, check=False)
    if finished.returncode != 0:
        raise Failure(f"{name} failed")
    return json.loads(finished.stdout)


def throughput(tools, servers, rounds, milliseconds, progress):
    """Every cell against every server, in turns, so that a busy moment hits them alike. `servers` maps a name to a
    function from a method to (socket, pid). Medians over the rounds."""
    runs = {cell: {name: [] for name in servers} for cell in CELLS}
    for number in range(rounds):
        for cell in CELLS:
            method, connections, depth = cell
            progress(f"round {number + 1} of {rounds}: {method}, {connections} x {depth}")
            for name, place in servers.items():
                socket_path, pid = place(method)
                runs[cell][name].append(
                    tool(tools, "load", socket_path, REQUESTS[method], connections, depth, milliseconds, pid))
    return [
        {
            "method": method, "connections": connections, "depth": depth,
            **{name: medians(results) for name, results in runs[method, connections, depth].items()},
        }
        for method, connections, depth in CELLS
    ]


def medians(runs):
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def sign_up(daemon, password):
    """One user, signed in to the default profile."""
    daemon.call("session.signUp", method="password", username="ada", password=password, name="Ada Lovelace",
                sessionDurationMinutes=1440)


def canned_reply(daemon, method):
    """What the daemon answers to the request of a cell, byte by byte."""
    with daemon.connect() as connection:
        connection.sendall(REQUESTS[method].encode() + b"\n")
        reply = b""
        while not reply.endswith(b"\n"):
            reply += connection.recv(1 << 20)
    return reply


def start_up(tools, daemon, count):
    """Time to READY, to the first answer after it, and to stop, of a daemon that is not running now."""
    return tool(tools, "start", count, os.path.join(daemon.folder, "notify"), daemon.socket_path, PING,
                daemon.log_path, *daemon.command)


def idle_connections(daemon):
    """Resident kilobytes that an idle connection costs, each having asked once."""
    before = daemon.memory()["Rss"]
    connections = []
    try:
        for _ in range(IDLE_CONNECTIONS):
            connections.append(daemon.connect())
            rpc(connections[-1], "server.ping")
        return (daemon.memory()["Rss"] - before) / IDLE_CONNECTIONS
    finally:
        for connection in connections:
            connection.close()


def many_profiles(sessiond, folder, count, password):
    """A daemon started on `count` stored profiles, one user signed in to each: its memory and time to READY are left to
    the caller."""
    names = ["default"] + [f"p{number:03}" for number in range(1, count)]
    profiles = "".join(f"  {name}: {{provider: embedded}}\n" for name in names)
    daemon = Daemon(sessiond, folder, f"profiles:\n{profiles}")
    daemon.start()
    try:
        sign_up(daemon, password)
        for name in names[1:]:
            grant = daemon.call("authority.grant", username="ada")["accessToken"]
            daemon.call("session.exchange", profile=name, accessToken=grant, sessionDurationMinutes=1440)
    finally:
        daemon.stop()
    return daemon


def command_line(tools, sessionctl, daemon, count):
    """Wall and CPU time of `sessionctl status` and of /bin/true, in turns."""
    status = [sessionctl, "--socket", daemon.socket_path, "status"]
    shown = subprocess.run(status, stdout=subprocess.PIPE, timeout=10, check=False)
    if shown.returncode != 0 or b"ada" not in shown.stdout.lower():
        raise Failure("sessionctl status does not show who is signed in")
    figures = tool(tools, "commands", count, "/bin/true", "--", *status)
    return {"true": figures["first"], "trueCPU": figures["firstCPU"], "status": figures["second"],
            "statusCPU": figures["secondCPU"]}
