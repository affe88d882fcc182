"""Measures sessiond and sessionctl beside the floor and their peers. Started by run.sh."""

import argparse
import json
import os
import platform
import shutil
import signal
import sys
import tempfile
import time

from failure import Failure
from measures import (
    allocations, client, commands, connecting, crowd, fanout, heartbeats, memory, rest, starting, stress,
    throughput)
from report import aims, text
from servers import agent, redis
from workplace import Settings, Workplace

PARTS = {
    "starting": starting.measure, "memory": memory.measure, "commands": commands.measure, "client": client.measure,
    "connecting": connecting.measure, "throughput": throughput.measure, "allocations": allocations.measure,
    "fanout": fanout.measure, "rest": rest.measure, "crowd": crowd.measure, "heartbeats": heartbeats.measure,
    "stress": stress.measure,
}


def parts_to_run(names, environment):
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise Failure(f"BENCH_PARTS: {unknown[0]} is no part; expected some of {' '.join(PARTS)}")
    parts = {name: PARTS[name] for name in PARTS if not names or name in names}
    client_bench = environment.get("CLIENT_BENCH", "")
    if "client" in parts and not os.access(client_bench, os.X_OK):
        raise Failure(f"CLIENT_BENCH={client_bench}: the part `client` needs the path of client-bench, which `swift "
                      "build -c release --product client-bench` makes; give it, or name other parts in BENCH_PARTS")
    return parts


def machine():
    return {"cpus": os.cpu_count(), "kernel": platform.release(), "loadBefore": os.getloadavg()[0]}


def peers():
    """What is here to be measured beside, in its own words."""
    return {
        "redis": redis.version() if redis.program() is not None else None,
        "oidcAgent": agent.version() if agent.is_present() else None,
    }


def run(place, parts):
    result = {
        "format": 2, "rounds": place.settings.rounds, "milliseconds": place.settings.milliseconds,
        "seconds": place.settings.seconds, "machine": machine(), "peers": peers(), "tookSeconds": {},
    }
    for name, measure in parts.items():
        begun = time.monotonic()
        result[name] = measure(place)
        place.stop_all()
        result["tookSeconds"][name] = round(time.monotonic() - begun, 1)
    place.progress("")
    result["machine"]["loadAfter"] = os.getloadavg()[0]
    result["aims"] = aims.judged(result)
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tools", required=True)
    parser.add_argument("--result", required=True)
    arguments = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    folder = tempfile.mkdtemp(prefix="sbench-")
    place = None
    try:
        parts = parts_to_run(os.environ.get("BENCH_PARTS", "").split(), os.environ)
        place = Workplace(
            os.path.realpath(os.environ["SESSIOND"]), os.path.realpath(os.environ["SESSIONCTL"]),
            os.path.realpath(os.environ.get("CLIENT_BENCH", "")), os.path.realpath(arguments.tools), folder,
            Settings.of(os.environ))
        result = run(place, parts)
    except Failure as failure:
        sys.exit(f"bench: {failure}")
    finally:
        if place is not None:
            place.stop_all()
        shutil.rmtree(folder)
    with open(arguments.result, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
        file.write("\n")
    print(text.text(result))
    missed = sum(not aim["met"] for aim in result["aims"])
    if missed and os.environ.get("BENCH_STRICT") == "1":
        sys.exit(f"bench: {missed} of {len(result['aims'])} aims missed")


main()
