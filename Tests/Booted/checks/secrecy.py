"""After all other checks: what they handled is in no entry of the journal."""
import secrets

from inside import journal
from inside.checking import check, holds, same
from inside.connection import Refused, call
from inside.people import PASSWORD, SECRETS, remember
from inside.service import MASTER_KEY


@check("no token, password or key is in the journal, not even at the level trace", order=8)
def canaries(service):
    service.configure(
        "log: {level: trace}\nprofiles:\n  default: {provider: embedded}\n"
        # An address that is nobody's: what is logged of a call that fails is of the level debug.
        f"  far: {{provider: agnost, baseURL: 'https://192.0.2.1/env-1', apiKey: {remember('canary-api-key-27c4')}}}\n"
        "defaultProfile: default\n")
    service.encrypt(MASTER_KEY, remember(secrets.token_hex(32)))
    service.sign_up()
    for token in call("session.token")["tokens"].values():
        remember(token)
    for value in call("session.headers")["headers"].values():
        remember(value.split()[-1])
    remember(call("authority.grant", username="ada")["accessToken"])
    try:
        call("session.signIn", profile="far", method="password", email="mia@example.test", password=PASSWORD)
    except Refused as refused:
        same("a call into nowhere", refused.kind, "upstreamUnavailable")
    service.reload()
    service.systemctl("restart")
    call("session.authenticate")
    service.systemctl("stop")
    text = journal.everything()
    # The journal is the one that the checks were about, and has what was said at that level.
    entries = service.journal.entries()
    for event in (b"signed-in", b"reloaded", b"stopped"):
        holds("the journal has the service's events", b"\nSESSIOND_EVENT=" + event + b"\n" in text, event)
    holds("entries below the level info", [one for one in entries if one["PRIORITY"] == "7"], len(entries))
    holds("canaries", PASSWORD in SECRETS and len(SECRETS) >= 5, len(SECRETS))
    found = [secret[:12] + "…" for secret in SECRETS if secret.encode() in text]
    same("secrets in the journal", found, [])
