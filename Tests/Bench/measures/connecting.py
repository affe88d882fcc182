"""A client without a connection: connect, ask, hear, close. This is all that oidc-agent can do, which closes the
connection after each request; so the others are measured the same way beside it."""

from measures.contenders import start
from measures.medians import medians
from servers import agent
from servers.agent import Agent

COUNT = 1000


def measure(place):
    _, contenders = start(place)
    runs = {}
    for name, contender in contenders["session.token"].items():
        runs[name] = _run(contender.server.socket_path, contender.request, contender.reply_size, '"result":',
                          contender.server.pid)
    if "redis" in contenders["session.get"]:
        redis = contenders["session.get"]["redis"]
        runs["redis"] = _run(redis.server.socket_path, redis.request, redis.reply_size, '"result":', redis.server.pid)
    if agent.is_present():
        place.progress("an account for oidc-agent")
        server = place.start(Agent(place))
        runs["oidcAgent"] = _run(server.socket_path, place.file("q", agent.REQUEST), 0, agent.EXPECTED,
                                 ",".join(map(str, server.pids)))
    results = {name: [] for name in runs}
    for number in range(place.settings.rounds):
        place.progress(f"connect, ask, hear, close: round {number + 1} of {place.settings.rounds}")
        for name, run in runs.items():
            results[name].append(run(place))
    return {name: medians(figures) for name, figures in results.items()}


def _run(socket_path, request, size, expected, pids):
    return lambda place: place.tool("connect", socket_path, request, size, expected, COUNT, pids)
