"""Who may do what, by the kernel's word about the peer."""
from inside.checking import check, same, within
from inside.people import MEMBER, PASSWORD, STRANGER, sessionctl


@check("a user of the socket's group signs in, and gets state and tokens")
def member(service):
    done = sessionctl("signup", "--username", "ada", "--password-stdin", user=MEMBER, input=PASSWORD + "\n")
    same("signup", (done.returncode, done.stderr), (0, ""))
    same("status", sessionctl("status", "--check", "--quiet", user=MEMBER).returncode, 0)
    token = sessionctl("token", user=MEMBER)
    same("token", (token.returncode, token.stdout[:4]), (0, "sds_"))


@check("a user of the socket's group is no administrator")
def member_is_no_admin(service):
    done = sessionctl("authority", "users", user=MEMBER)
    same("status", done.returncode, 77)
    within("message", done.stderr, "permission admin")


@check("a user outside the socket's group is refused with 77, and told what to do")
def stranger(service):
    done = sessionctl("status", user=STRANGER)
    same("status", done.returncode, 77)
    within("message", done.stderr, "no permission to connect", "member of the group that owns the socket")


@check("a rule of the configuration lets one user in whom the socket lets connect")
def rule(service):
    service.configure(f"access: [{{user: {MEMBER}, allow: [admin]}}]\n")
    done = sessionctl("authority", "users", user=MEMBER)
    same("authority users", (done.returncode, done.stderr), (0, ""))
