"""What every measure works with: the programs to measure, the measuring tools, the settings, and a private folder."""

import dataclasses
import json
import os
import subprocess
import sys

from failure import Failure


@dataclasses.dataclass(frozen=True)
class Settings:
    """How long and how often. The defaults end within five minutes."""

    rounds: int
    milliseconds: int
    seconds: int

    @staticmethod
    def of(environment):
        def positive(name, default):
            text = environment.get(name) or str(default)
            if not text.isascii() or not text.isdigit() or int(text) == 0:
                raise Failure(f"{name}={text}: expected a whole number over 0")
            return int(text)

        return Settings(
            positive("BENCH_ROUNDS", 5), positive("BENCH_MILLISECONDS", 800), positive("BENCH_SECONDS", 10))


@dataclasses.dataclass
class Workplace:
    """`running` holds what was started and not yet stopped, the newest last. `client_bench` is there where the part
    that needs it is run."""

    sessiond: str
    sessionctl: str
    client_bench: str
    tools: str
    folder: str
    settings: Settings
    running: list = dataclasses.field(default_factory=list)
    names: int = 0

    def start(self, server):
        """Starts a server, which stop_all stops."""
        self.running.append(server)
        server.start()
        return server

    def stop(self, server):
        server.stop()
        self.running.remove(server)

    def stop_all(self):
        while self.running:
            self.running.pop().stop()

    def private(self, name):
        """A new folder. Names are short: sockets lie in it."""
        self.names += 1
        path = os.path.join(self.folder, f"{name}{self.names}")
        os.mkdir(path, 0o700)
        return path

    def file(self, name, content):
        """The path of a new file with these bytes."""
        path = os.path.join(self.private(name), name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def tool_path(self, name):
        return os.path.join(self.tools, name)

    def tool(self, name, *arguments, cpu=None):
        """Runs one of the C programs, on that CPU; its JSON."""
        return self.json_of(self.tool_path(name), *arguments, environment={} if cpu is None else {"BENCH_CPU": str(cpu)})

    @staticmethod
    def json_of(program, *arguments, environment, **options):
        """What a program prints, which gets this environment besides the benchmark's own."""
        finished = subprocess.run(
            [program, *map(str, arguments)], stdout=subprocess.PIPE, timeout=300, check=False,
            env={**os.environ, **environment}, **options)
        if finished.returncode != 0:
            raise Failure(f"{os.path.basename(program)} failed")
        return json.loads(finished.stdout)

    def progress(self, text):
        """What is going on, on a terminal; the same line is used again."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K{text}")
