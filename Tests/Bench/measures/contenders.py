"""Who answers what: the daemon's three reads, the floor with the daemon's own answers, and Redis with the session as a
value."""

import dataclasses

import placement
from servers import redis
from servers.daemon import signed_in
from servers.floor import Floor
from servers.redis import Redis

REQUESTS = {
    "session.get": b'{"jsonrpc":"2.0","id":10,"method":"session.get"}\n',
    "session.token": b'{"jsonrpc":"2.0","id":10,"method":"session.token"}\n',
    "server.ping": b'{"jsonrpc":"2.0","id":10,"method":"server.ping","params":{}}\n',
}
SHAPES = [(1, 1), (1, 16), (50, 1), (50, 16)]
LIMITS = "limits: {maxConnectionsPerUser: 1024, maxConnections: 1024}\n"
KEY = b"session"


@dataclasses.dataclass(frozen=True)
class Contender:
    """One server and the one thing that it is asked. `dialect`, `request` and `reply` are as tools/load wants them."""

    server: object
    dialect: str
    request: str
    reply: str
    reply_size: int

    def load(self, place, shape, milliseconds, *counter_path):
        """What tools/load prints."""
        servers, asking = placement.split()
        placement.confine(self.server.pid, servers)
        return place.tool("load", self.dialect, self.server.socket_path, self.request, self.reply, *shape,
                          milliseconds, self.server.pid, *counter_path, cpu=asking)


def contenders(place, daemon, environments):
    """By method, and then by name: sessiond, floor, and for session.get Redis where there is one, with a value of the
    same size as the daemon's answer. `environments` has what to add to the environment of each, by name."""
    found = {}
    for method, line in REQUESTS.items():
        answer = daemon.answer_line(line)
        request, reply = place.file("q", line), place.file("a", answer)
        floor = place.start(Floor(place, reply, environments.get("floor")))
        found[method] = {
            "sessiond": Contender(daemon, "json", request, reply, len(answer)),
            "floor": Contender(floor, "json", request, reply, len(answer)),
        }
        if method == "session.get" and redis.program() is not None:
            found[method]["redis"] = redis_with(place, answer.rstrip(b"\n"), environments.get("redis"))
    return found


def redis_with(place, value, environment=None):
    server = place.start(Redis(place, KEY, value, environment))
    reply = redis.bulk(value)
    return Contender(
        server, "resp", place.file("q", redis.get_request(KEY)), place.file("a", reply), len(reply))


def start(place):
    """A signed-in daemon, and the contenders."""
    daemon = signed_in(place, LIMITS)
    return daemon, contenders(place, daemon, {})
