"""A client without a connection: connect, ask, hear, close. This is all that oidc-agent can do, which closes the
connection after each request; so the others are measured the same way beside it."""

import placement
from measures.contenders import start
from measures.medians import medians
from servers import agent
from servers.agent import Agent

COUNT = 1000
RESULT = '"result":'


def measure(place):
    rounds, askers = place.settings.rounds, _askers(place)
    runs = {name: [] for name in askers}
    for number in range(rounds):
        place.progress(f"connect, ask, hear, close: round {number + 1} of {rounds}")
        for name, ask in askers.items():
            runs[name].append(ask())
    return {name: medians(results) for name, results in runs.items()}


def _askers(place):
    """By name, what measures one round of it: the token from the daemon and the floor, the session from Redis, which
    holds the daemon's answer, so that the text of a result is in it too."""
    _, contenders = start(place)
    askers = {
        name: _asker(place, contender.server.socket_path, contender.request, contender.reply_size, RESULT,
                     [contender.server.pid])
        for name, contender in {**contenders["session.get"], **contenders["session.token"]}.items()
    }
    if agent.is_present():
        place.progress("an account for oidc-agent")
        server = place.start(Agent(place))
        request = place.file("q", agent.REQUEST)
        askers["oidcAgent"] = _asker(place, server.socket_path, request, 0, agent.EXPECTED, server.pids)
    return askers


def _asker(place, socket_path, request, size, expected, pids):
    servers, asking = placement.split()

    def ask():
        for pid in pids:
            placement.confine(pid, servers)
        return place.tool("connect", socket_path, request, size, expected, COUNT, ",".join(map(str, pids)), cpu=asking)

    return ask
