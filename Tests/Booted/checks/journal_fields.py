"""Events in the journal: their fields, and what journalctl -x says about them."""
import json
import re
import secrets

from inside import installation, journal, people
from inside.checking import check, holds, same, within
from inside.commands import must
from inside.connection import Refused, call
from inside.people import MEMBER, PASSWORD, remember, sessionctl
from inside.service import MASTER_KEY

# systemd/sessiond.catalog, as the repository has it: each event's name and id.
ENTRY = re.compile(r"^# ([a-z-]+)\n-- ([0-9a-f]{32})$", re.MULTILINE)
USER = "canary-user-71be"


def catalog():
    return dict(ENTRY.findall((installation.SHARED / "repository/systemd/sessiond.catalog").read_text()))


def events(service):
    """The daemon's entries that are events, by name; of several the last."""
    return {entry["SESSIOND_EVENT"]: entry for entry in service.journal.entries() if "SESSIOND_EVENT" in entry}


def expect(service, event, priority, **fields):
    """The event has come, with its id, its priority, its place in the sources and the fields."""
    found = events(service)
    holds(f"the event {event}", event in found, sorted(found))
    entry = found[event]
    same(f"{event}: id and priority", (entry.get("MESSAGE_ID"), entry["PRIORITY"]), (catalog()[event], priority))
    holds(f"{event}: place", re.fullmatch(r"\w+/[\w+]+\.swift", entry["CODE_FILE"]), entry["CODE_FILE"])
    holds(f"{event}: line", int(entry["CODE_LINE"]) > 0 and entry["CODE_FUNC"])
    same(f"{event}: identifier", entry["SYSLOG_IDENTIFIER"], "sessiond")
    same(f"{event}: transport", entry["_TRANSPORT"], "journal")
    for name, value in fields.items():
        same(f"{event}: {name}", entry.get(name), value)
    return entry


def explained(entry):
    """What journalctl -x shows for the entry."""
    return must("journalctl", "-x", "--output=short", "--quiet", f"--cursor={entry['__CURSOR']}", "--lines=1")


@check("the events of a session's life are in the journal with id, name, priority, place and profile")
def life(service):
    service.sign_up()
    service.reload()
    call("session.revoke", target="all")
    service.systemctl("stop")
    expect(service, "started", "5")
    expect(service, "key-created", "5")
    expect(service, "ready", "5", SESSIOND_PROFILES="1")
    expect(service, "signed-in", "6", SESSIOND_PROFILE="default")
    expect(service, "reloaded", "5")
    expect(service, "signed-out", "5", SESSIOND_PROFILE="default", SESSIOND_CAUSE="revoked")
    expect(service, "stopping", "5")
    expect(service, "stopped", "5")


@check("events of trouble are errors with what an administrator needs to find the cause")
def trouble(service):
    file = service.encrypt(MASTER_KEY, remember(secrets.token_hex(32)))
    service.sign_up()
    service.systemctl("stop")
    file.unlink()
    service.systemctl("start")
    expect(service, "key-missing", "3")
    expect(service, "profile-sealed", "3", SESSIOND_PROFILE="default")
    service.configure("profiles: {one: {provider: embeded}}\n")
    service.reload()
    expect(service, "configuration-error", "3")
    expect(service, "reload-refused", "3")


@check("a client that is denied is in the journal by its user and the method, once for the user in ten minutes")
def denied(service):
    for _ in range(5):
        same("status", sessionctl("authority", "users", user=MEMBER).returncode, 77)
    uid = must("id", "-u", MEMBER)
    entry = expect(service, "client-denied", "5", SESSIOND_PEER_UID=uid, SESSIOND_METHOD="authority.users",
                   SESSIOND_NEEDS="admin")
    holds("process", int(entry["SESSIOND_PEER_PID"]) > 1)
    told = [one for one in service.journal.entries() if one.get("SESSIOND_EVENT") == "client-denied"]
    same("entries", len(told), 1)
    service.systemctl("stop")
    entry = expect(service, "client-denied", "5", SESSIOND_REPEATS="4")
    within("message", entry["MESSAGE"], "(repeated 4 times in ")


@check("journalctl -x explains an event by the catalog that was installed, with its fields filled in")
def explanations(service):
    must("journalctl", "--update-catalog")
    listed = must("journalctl", "--list-catalog", "--quiet")
    for event, number in catalog().items():
        within(f"the catalog has {event}", listed, f"{number} sessiond: ")
    service.sign_up()
    text = explained(expect(service, "signed-in", "6"))
    within("journalctl -x", text, "Subject: Profile default is signed in", "Defined-By: sessiond",
           "A client has signed in")
    sessionctl("authority", "users", user=MEMBER)
    text = explained(expect(service, "client-denied", "5"))
    within("journalctl -x", text, must("id", "-u", MEMBER), "authority.users", "the permission admin")
    service.systemctl("stop")
    for entry in events(service).values():
        holds("a field without a value", "SESSIOND_" not in explained(entry), explained(entry))


@check("no field of any entry holds a token, a password or a user's name")
def canaries(service):
    service.configure("log: {level: trace}\n")
    call("session.signUp", method="password", username=USER, password=PASSWORD)
    tokens = [remember(token) for token in call("session.token")["tokens"].values()]
    holds("tokens", tokens)
    try:
        call("session.signIn", method="password", username=USER, password=PASSWORD + "?")
    except Refused:
        pass
    call("session.revoke", target="all")
    service.systemctl("stop")
    entries = service.journal.entries()
    holds("entries", len([one for one in entries if "SESSIOND_EVENT" in one]) >= 6)
    text = json.dumps(entries, ensure_ascii=False)
    same("found", [secret[:12] for secret in [USER, *people.SECRETS] if secret in text], [])
    holds("found in the whole journal", USER.encode() not in journal.everything())
