"""One client's reads while others misbehave, beside the same reads while nobody else is there."""

import contextlib

from measures.contenders import LIMITS, REQUESTS, Contender
from measures.medians import medians
from measures.nuisances import NUISANCES
from servers.daemon import signed_in
from servers.upstream import HungUpstream, profile

SHAPE = (1, 1)
ROUNDS = 3


@contextlib.contextmanager
def nothing(_):
    yield


def measure(place):
    """In turns, every round anew. Medians over the rounds."""
    upstream = place.start(HungUpstream())
    daemon = signed_in(place, f"{LIMITS}profiles:\n  default: {{provider: embedded}}\n"
                              f"  watched: {{provider: embedded}}\n  hung: {profile(upstream.port, '1s')}\n")
    grant = daemon.call("authority.grant", username="ada")["accessToken"]
    daemon.call("session.exchange", profile="watched", accessToken=grant, sessionDurationMinutes=1440)
    answer = daemon.answer_line(REQUESTS["session.get"])
    client = Contender(daemon, "json", place.file("q", REQUESTS["session.get"]), place.file("a", answer), len(answer))
    conditions = {"quiet": nothing, **NUISANCES}
    runs = {name: [] for name in conditions}
    rounds = min(ROUNDS, place.settings.rounds)
    for number in range(rounds):
        for name, condition in conditions.items():
            place.progress(f"under stress: round {number + 1} of {rounds}, {name}")
            with condition(daemon):
                runs[name].append(client.load(place, SHAPE, place.settings.milliseconds))
    return {name: medians(results) for name, results in runs.items()}
