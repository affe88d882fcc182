"""An oidc-agent of the benchmark's own, which holds one account with a cached access token."""

import json
import os
import shutil
import socket
import subprocess

from failure import Failure
from servers import child
from servers.issuer import Issuer

ACCOUNT = "bench"
REQUEST = json.dumps(
    {"request": "access_token", "account": ACCOUNT, "min_valid_period": 0, "application_hint": "bench"},
    separators=(",", ":")).encode()
EXPECTED = '"status":"success"'


def is_present():
    return shutil.which("oidc-agent") is not None and shutil.which("oidc-gen") is not None


def version():
    shown = subprocess.run(["oidc-agent", "--version"], stdout=subprocess.PIPE, text=True, timeout=10, check=True)
    return shown.stdout.strip()


class Agent:
    """Its provider is asked once, for the token, and is gone before anything is measured."""

    def __init__(self, place):
        self.folder = place.private("a")
        self.socket_path = os.path.join(self.folder, "agent.sock")
        self.log_path = os.path.join(self.folder, "log")
        self.environment = {
            **os.environ, "HOME": self.folder, "TMPDIR": self.folder,
            "OIDC_CONFIG_DIR": os.path.join(self.folder, "accounts"), "OIDC_SOCK": self.socket_path,
        }
        self.process = None

    @property
    def pids(self):
        """The agent, and the child that keeps its tokens."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as file:
            return [self.process.pid, *map(int, file.read().split())]

    def start(self):
        os.mkdir(self.environment["OIDC_CONFIG_DIR"], 0o700)
        with open(self.log_path, "ab") as log:
            self.process = child.spawn(
                ["oidc-agent", "--console", "-a", self.socket_path], stdout=log, stderr=log,
                env=self.environment)
        child.wait_until("oidc-agent", lambda: os.path.exists(self.socket_path), self.process)
        issuer = Issuer("ada", "wonderland")
        try:
            self._make_account(issuer)
            self._ask()
        finally:
            issuer.stop()
        self._ask()

    def stop(self):
        child.end(self.process)

    def _make_account(self, issuer):
        password_path = os.path.join(self.folder, "password")
        with open(password_path, "w", encoding="ascii") as file:
            file.write("no secret: the folder goes with the benchmark\n")
        with open(self.log_path, "ab") as log:
            finished = subprocess.run(
                ["oidc-gen", ACCOUNT, "--flow=password", f"--iss={issuer.url}", "--client-id=bench",
                 "--client-secret=bench", "--redirect-uri=http://localhost:4242", "--scope=openid offline_access",
                 f"--op-username={issuer.username}", f"--op-password={issuer.password}",
                 f"--pw-file={password_path}", "--prompt=none", "--confirm-default", "--no-url-call"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment, timeout=60, check=False)
        if finished.returncode != 0:
            raise Failure(f"oidc-gen made no account:\n{child.log_text(self.log_path)}")

    def _ask(self):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(self.socket_path)
            connection.sendall(REQUEST)
            reply = b""
            while received := connection.recv(1 << 16):
                reply += received
        if EXPECTED.encode() not in reply:
            raise Failure(f"oidc-agent gives no token: {reply[:200]!r}")
