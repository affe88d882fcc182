"""Measures sessiond and sessionctl beside the floor. Started by run.sh."""

import argparse
import json
import os
import platform
import secrets
import shutil
import signal
import sys
import tempfile

import measure
import report
from daemon import Daemon, Failure, Floor

CROWD = 100


def progress(text):
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text}")


def load_average():
    return os.getloadavg()[0]


def run(tools, sessiond, sessionctl, rounds, milliseconds, folder, running):
    password = secrets.token_urlsafe(24)
    result = {
        "rounds": rounds, "milliseconds": milliseconds,
        "machine": {"cpus": os.cpu_count(), "kernel": platform.release(), "loadBefore": load_average()},
    }

    def private(name):
        path = os.path.join(folder, name)
        os.mkdir(path, 0o700)
        return path

    progress("start and stop")
    daemon = Daemon(sessiond, private("one"), measure.LIMITS)
    running.append(daemon)
    daemon.start()
    measure.sign_up(daemon, password)
    daemon.stop()
    result["start"] = measure.start_up(tools, daemon, 20)

    progress("memory")
    daemon.start()
    memory = {"oneProfile": daemon.memory(), "threads": daemon.threads()}
    result["commandLine"] = measure.command_line(tools, sessionctl, daemon, 100)
    memory["connectionKiB"] = measure.idle_connections(daemon)

    floors = {}
    for method in measure.REQUESTS:
        floors[method] = Floor(tools, folder, method, measure.canned_reply(daemon, method))
        running.append(floors[method])
    ping_floor = floors["server.ping"]
    result["firstReply"] = {
        "sessiond": measure.tool(tools, "connect", daemon.socket_path, measure.PING, 2000)["firstReply"],
        "floor": measure.tool(tools, "connect", ping_floor.socket_path, measure.PING, 2000)["firstReply"],
    }
    servers = {
        "sessiond": lambda method: (daemon.socket_path, daemon.pid),
        "floor": lambda method: (floors[method].socket_path, floors[method].pid),
    }
    result["cells"] = measure.throughput(tools, servers, rounds, milliseconds, progress)
    memory["afterLoad"] = daemon.memory()
    result["memory"] = memory
    daemon.stop()

    progress(f"{CROWD} profiles")
    crowd = measure.many_profiles(sessiond, private("many"), CROWD, password)
    running.append(crowd)
    ready = measure.start_up(tools, crowd, 5)["ready"]
    crowd.start()
    result["crowd"] = {"profiles": CROWD, "ready": ready, "memory": crowd.memory()}
    crowd.stop()

    progress("")
    result["machine"]["loadAfter"] = load_average()
    result["aims"] = report.aims(result)
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tools", required=True)
    parser.add_argument("--result", required=True)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    running = []
    folder = tempfile.mkdtemp(prefix="sbench-")
    try:
        result = run(
            arguments.tools, os.path.realpath(os.environ["SESSIOND"]), os.path.realpath(os.environ["SESSIONCTL"]),
            int(os.environ.get("BENCH_ROUNDS", "3")), int(os.environ.get("BENCH_MILLISECONDS", "2000")), folder,
            running)
    except Failure as failure:
        sys.exit(f"bench: {failure}")
    finally:
        for process in running:
            process.stop()
        shutil.rmtree(folder)
    with open(arguments.result, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
        file.write("\n")
    print(report.text(result))


main()
