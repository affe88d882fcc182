"""A private daemon: its folder, its process, its end."""
import os
import shutil
import socket
import subprocess
import tempfile


class Daemon:
    def __init__(self, build):
        self.folder = tempfile.mkdtemp(prefix="sessiond-foreign-")
        self.socket = os.path.join(self.folder, "sessiond.sock")
        self.log = open(os.path.join(self.folder, "log"), "w+b")
        configuration = os.path.join(self.folder, "sessiond.yaml")
        with open(configuration, "w") as file:
            file.write("profiles: {default: {provider: embedded}, other: {provider: embedded}}\n")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.settimeout(20)
            manager.bind(os.path.join(self.folder, "notify"))
            environment = dict(os.environ, NOTIFY_SOCKET=os.path.join(self.folder, "notify"))
            self.process = subprocess.Popen(
                [
                    os.path.join(build, "sessiond"),
                    "--config", configuration,
                    "--state-dir", os.path.join(self.folder, "state"),
                    "--socket", self.socket,
                ],
                env=environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            )
            try:
                while b"READY=1" not in manager.recv(4096):
                    pass
            except TimeoutError:
                self.end()
                raise RuntimeError("the daemon did not become ready") from None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        """Ends it in order; returns its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        return self.process.returncode
