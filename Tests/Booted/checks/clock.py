"""What the service knows of the machine's clocks."""
import pathlib
import time

from inside.checking import Broken, Lacking, check, same
from inside.connection import Connection

SECONDS = 10


@check("the service knows which boot it runs in, although its sandbox hides the kernel's own word")
def boot(service):
    service.systemctl("start")
    environment = pathlib.Path(f"/proc/{service.pid}/environ").read_bytes().split(b"\0")
    told = [entry.partition(b"=")[2].decode() for entry in environment if entry.startswith(b"SESSIOND_BOOT_ID=")]
    same("boot", told, [pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip().replace("-", "")])


def step(seconds):
    """Sets the machine's clock: the wall clock has no namespace, so a millisecond has to do."""
    try:
        time.clock_settime(time.CLOCK_REALTIME, time.time() + seconds)
    except PermissionError:
        raise Lacking("the machine's clock may not be set (CAP_SYS_TIME)") from None


@check("a clock that is set reaches the service in its sandbox, and has it validate the session at once")
def stepped(service):
    service.configure("profiles: {default: {provider: embedded, heartbeat: {interval: 10m}}}\n")
    service.sign_up()
    with Connection() as connection:
        connection.call("session.watch")
        before = connection.call("session.get")["lastValidatedAt"]
        step(0.001)
        try:
            # The kernel's word is the same for a resumed machine; docs/operations.md says two seconds.
            service.journal.expect("the clock was set or the machine resumed")
            deadline = time.monotonic() + SECONDS
            while connection.call("session.get")["lastValidatedAt"] == before:
                if time.monotonic() > deadline:
                    raise Broken(f"the session is not validated within {SECONDS} s")
                time.sleep(0.05)
        finally:
            step(-0.001)
