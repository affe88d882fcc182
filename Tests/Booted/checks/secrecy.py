"""After all other checks: what they handled is in no entry of the journal."""
import secrets

from inside import journal
from inside.checking import check, holds, same
from inside.connection import call
from inside.people import PASSWORD, SECRETS, remember
from inside.service import MASTER_KEY


@check("no token, password or key is in the journal, not even at the level trace", order=8)
def canaries(service):
    service.configure("log: {level: trace}\n")
    service.encrypt(MASTER_KEY, remember(secrets.token_hex(32)))
    service.sign_up()
    for token in call("session.token")["tokens"].values():
        remember(token)
    for value in call("session.headers")["headers"].values():
        remember(value.split()[-1])
    remember(call("authority.grant", username="ada")["accessToken"])
    service.reload()
    service.systemctl("restart")
    call("session.authenticate")
    service.systemctl("stop")
    text = journal.everything()
    # The journal is the one that the checks were about.
    holds("the journal has the service's entries", text.count(b"\n_SYSTEMD_UNIT=sessiond.service\n") > 20)
    holds("canaries", PASSWORD in SECRETS and len(SECRETS) >= 5, len(SECRETS))
    found = [secret[:12] + "…" for secret in SECRETS if secret.encode() in text]
    same("secrets in the journal", found, [])
