"""Users of the machine, and secrets that no journal may ever hold."""
from .commands import must, run

MEMBER = "member"
STRANGER = "stranger"
OWNER = "owner"
GROUP = "sessiond-clients"
PASSWORD = "canary-password-c7f1"

# All that a check has handled and that may be nowhere but where it belongs.
SECRETS = {PASSWORD}


def remember(secret):
    SECRETS.add(secret)
    return secret


def arrive():
    """One user in the group of the socket, one outside, and one with a manager of their own."""
    must("useradd", "--create-home", "--groups", GROUP, MEMBER)
    must("useradd", "--create-home", STRANGER)
    must("useradd", "--create-home", "--uid", "1100", OWNER)


def sessionctl(*words, user=None, input=None, env=None):
    return run("sessionctl", *words, user=user, input=input, env=env)
