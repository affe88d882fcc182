"""What the service writes to the journal."""
from inside.checking import check, holds, same
from inside.connection import call
from inside.people import sessionctl


@check("every entry of the daemon in the journal is one of its log, and none comes by way of standard error")
def lines(service):
    service.sign_up()
    service.reload()
    call("session.authenticate")
    sessionctl("health")
    service.systemctl("restart")
    ours = [entry for entry in service.journal.entries() if entry.get("_COMM") == "sessiond"]
    holds("entries", len(ours) >= 4, len(ours))
    same("others", [entry["MESSAGE"] for entry in ours
                    if entry["_TRANSPORT"] != "journal" or "CODE_FILE" not in entry], [])
    ready = {entry["PRIORITY"] for entry in ours if entry["MESSAGE"].startswith("ready ")}
    same("priority of notices", ready, {"5"})
