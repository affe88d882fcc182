"""A disk that takes nothing for a while: a start gets more time for it, a running service is restarted."""
import contextlib
import pathlib
import time

from inside import installation
from inside.checking import check, holds, same
from inside.commands import must
from inside.connection import Closed, Connection, call
from inside.service import UNIT

SIGN = pathlib.Path("/run/slow-disk")
START_SECONDS = 2
WATCHDOG_SECONDS = 3


@contextlib.contextmanager
def slow(service, settings):
    """While the sign stands, nothing that is written is ever on the disk."""
    library = installation.SHARED / "programs/slow-disk.so"
    service.drop_in(f"Environment=LD_PRELOAD={library} SLOW_DISK={SIGN}\n{settings}")
    try:
        yield
    finally:
        SIGN.unlink(missing_ok=True)


@check("a start that takes longer than the manager waits gets more time while it says so, and the status line has why")
def start(service):
    with slow(service, f"TimeoutStartSec={START_SECONDS}s"):
        SIGN.touch()
        began = time.monotonic()
        must("systemctl", "start", "--no-block", UNIT)
        service.becomes("StatusText", "opening the stored state")
        # clock: a time limit is what has to pass.
        time.sleep(max(0, began + 2 * START_SECONDS - time.monotonic()))
        same("meanwhile", (service.show("ActiveState"), service.show("Result")), ("activating", "success"))
        SIGN.unlink()
        service.becomes("ActiveState", "active")
        same("restarts", service.show("NRestarts"), "0")


@check("a disk that hangs stops the daemon's word to the manager, which restarts it; the journal has why")
def hang(service):
    with slow(service, f"WatchdogSec={WATCHDOG_SECONDS}s"):
        session = service.sign_up()["objects"]["session"]["value"]["id"]
        SIGN.touch()
        with Connection() as connection:
            with contextlib.suppress(Closed):
                connection.call("session.authenticate", sessionDurationMinutes=90)
        service.journal.expect("[Ww]atchdog timeout")
        # The keeper that waits for the disk is stuck, too.
        withheld = {one["SESSIOND_CHECK"] for one in service.journal.entries()
                    if one.get("SESSIOND_EVENT") == "watchdog-withheld"}
        holds("the event watchdog-withheld names the disk", "store" in withheld, withheld)
        SIGN.unlink()
        same("session", call("session.get")["objects"]["session"]["value"]["id"], session)
        service.becomes("ActiveState", "active")
        same("restarts", service.show("NRestarts"), "1")
