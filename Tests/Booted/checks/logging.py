"""What the service writes to the journal."""
import re

from inside.checking import check, holds, same
from inside.connection import call
from inside.people import sessionctl

LINE = re.compile(r"(trace|debug|info|notice|warning|error|critical) .* logger=sessiond\b")


@check("every line of the daemon in the journal is one of its log, with its priority")
def lines(service):
    service.sign_up()
    service.reload()
    call("session.authenticate")
    sessionctl("health")
    service.systemctl("restart")
    ours = [entry for entry in service.journal.entries() if entry.get("_COMM") == "sessiond"]
    holds("lines", len(ours) >= 4, len(ours))
    same("others", [entry["MESSAGE"] for entry in ours if not LINE.match(entry["MESSAGE"])], [])
    notices = {entry["PRIORITY"] for entry in ours if entry["MESSAGE"].startswith("notice ")}
    same("priority of notices", notices, {"5"})
