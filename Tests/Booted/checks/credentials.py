"""The master key and providers' secrets as systemd's credentials."""
import http.server
import json
import pathlib
import secrets
import threading
import time

from inside.checking import Broken, Lacking, check, holds, same, within
from inside.commands import must, run
from inside.connection import Connection, Refused, call
from inside.people import remember, sessionctl
from inside.service import CREDENTIALS, MASTER_KEY, SECONDS, STATE, UNIT


def session_id(snapshot):
    return snapshot["objects"]["session"]["value"]["id"]


def new_key():
    return remember(secrets.token_hex(32))


def sealed(service, why):
    """The daemon lives, keeps what it has, and says what is the matter."""
    snapshot = call("session.get")
    same("phase", (snapshot["phase"], snapshot["cause"]["kind"]), ("sealed", "keyUnavailable"))
    done = sessionctl("status")
    same("sessionctl status", done.returncode, 0)
    within("sessionctl status", done.stdout, "sealed")
    within("status line", service.show("StatusText"), "1 profile: 1 sealed")
    same("sessionctl health", sessionctl("health").returncode, 1)
    service.journal.expect(why)
    same("state", (service.show("ActiveState"), service.show("NRestarts")), ("active", "0"))


@check("a master key that only this machine can decrypt opens what it has sealed, after a restart too")
def key_present(service):
    service.encrypt(MASTER_KEY, new_key())
    session = session_id(service.sign_up())
    holds("a key file beside the records", not (STATE / "master.key").exists())
    service.systemctl("restart")
    same("session", session_id(call("session.get")), session)


@check("a master key that comes as a plain credential opens what it has sealed, after a restart too")
def plain_key(service):
    file = pathlib.Path("/run/plain.key")
    file.touch(mode=0o600)
    file.write_text(new_key())
    service.drop_in(f"LoadCredential={MASTER_KEY}:{file}")
    session = session_id(service.sign_up())
    holds("a key file beside the records", not (STATE / "master.key").exists())
    service.systemctl("restart")
    same("session", session_id(call("session.get")), session)
    file.unlink()


@check("a master key that is bound to the TPM opens what it has sealed, after a restart too")
def bound_key(service):
    if run("systemd-creds", "has-tpm2", "--quiet").returncode != 0:
        raise Lacking("systemd finds no TPM2 that it can use (systemd-creds has-tpm2)")
    key("create", "--credential", "--with-key=tpm2")
    session = session_id(service.sign_up())
    holds("a key file beside the records", not (STATE / "master.key").exists())
    service.systemctl("restart")
    same("session", session_id(call("session.get")), session)


@check("without the master key profiles are sealed and the daemon lives; with it again the session is there")
def key_absent(service):
    file = service.encrypt(MASTER_KEY, new_key())
    service.sign_up()
    service.systemctl("stop")
    away = file.rename(file.with_suffix(".away"))
    service.systemctl("start")
    sealed(service, "^no key to seal with")
    away.rename(file)
    service.systemctl("restart")
    holds("phase", call("session.get")["phase"] in ("unverified", "active"))


@check("under another master key profiles are sealed, and nothing is written over")
def other_key(service):
    file = service.encrypt(MASTER_KEY, new_key())
    service.sign_up()
    service.systemctl("stop")
    first, record = file.read_text(), (STATE / "profiles/default.sealed").read_bytes()
    service.encrypt(MASTER_KEY, new_key())
    service.systemctl("start")
    sealed(service, "^profile default is sealed under key .* which is in no source")
    same("record", (STATE / "profiles/default.sealed").read_bytes(), record)
    file.write_text(first)
    service.systemctl("restart")
    holds("phase", call("session.get")["phase"] in ("unverified", "active"))


@check("a credential that holds no key seals profiles, and no other key is made in its place")
def no_key(service):
    service.encrypt(MASTER_KEY, "too short to be a key")
    service.systemctl("start")
    sealed(service, "sessiond.master-key.*is neither 32 bytes")
    holds("a key file", not (STATE / "master.key").exists())


@check("a master key that systemd cannot decrypt loses nothing: without it profiles are sealed")
def foreign_key(service):
    file = service.encrypt(MASTER_KEY, new_key())
    session = session_id(service.sign_up())
    service.systemctl("stop")
    right = file.read_text()
    service.encrypt(MASTER_KEY, new_key(), host_key="/run/another-host.key")
    # Of this the daemon learns nothing: systemd starts no service whose credential is there and cannot be decrypted.
    holds("start", run("systemctl", "start", UNIT).returncode != 0)
    same("status", service.show("ExecMainStatus"), "243")
    service.systemctl("stop")
    file.unlink()
    service.systemctl("start")
    sealed(service, "^no key to seal with")
    file.write_text(right)
    service.systemctl("restart")
    same("session", session_id(call("session.get")), session)


class Service(http.server.BaseHTTPRequestHandler):
    """Refuses every sign-in, and keeps what authorized the request."""

    def do_POST(self):
        self.server.seen.append(self.headers["Authorization"])
        body = b'{"errors":[{"code":"invalid_sign_in_credentials"}]}'
        self.send_response(401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def sign_in():
    """The daemon's answer to a sign-in that the service refuses: its kind and reason."""
    with Connection() as connection:
        try:
            connection.call("session.signIn", method="password", email="mia@example.test", password="12345678")
        except Refused as refused:
            return refused.kind, refused.data.get("reason")


@check("a provider's secret comes from an encrypted credential; while it is missing only that provider suffers")
def provider_secret(service):
    key = remember("canary-api-key-" + secrets.token_hex(8))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service) as upstream:
        upstream.seen = []
        threading.Thread(target=upstream.serve_forever, daemon=True).start()
        service.configure(
            "profiles:\n  default:\n    provider: agnost\n"
            f"    baseURL: http://127.0.0.1:{upstream.server_port}/env-1\n    apiKey: {{credential: agnost.key}}\n")
        service.drop_in("LoadCredentialEncrypted=agnost.key")
        service.systemctl("start")
        same("without it", sign_in(), ("misconfigured", "api_key_unavailable"))
        service.encrypt("agnost.key", key)
        service.systemctl("restart")
        same("with it", sign_in(), ("upstreamRejected", "invalid_sign_in_credentials"))
        same("the service saw", upstream.seen, [key])
        upstream.shutdown()


def key(*words):
    """The answer of `sessionctl key` as JSON."""
    return json.loads(must("sessionctl", "key", *words, "--json"))


def sealed_under():
    """How many files are sealed under each key at hand."""
    return {known["id"]: known["files"] for known in key("list")["keys"]}


def comes_under(wanted):
    """Waits for the files to be sealed under these keys, by asking again and again: a heartbeat may seal a record anew as
    well as the resealing, which then has nothing to tell."""
    deadline = time.monotonic() + SECONDS
    while (found := sealed_under()) != wanted:
        if time.monotonic() > deadline:
            raise Broken(f"files are not sealed under {wanted!r} within {SECONDS} s: it is {found!r}")


@check("the master key is made, rotated and freed of its old key as a credential, and no session is lost")
def rotation(service):
    must("systemd-creds", "setup")
    first = key("create", "--credential", "--with-key=host")["key"]
    session = session_id(service.sign_up())
    same("after the start", sealed_under(), {first: 1})
    second = key("rotate", "--with-key=host")["key"]
    same("after the rotation", sealed_under(), {second: 0, first: 1})
    refused = sessionctl("key", "rotate", "--finish")
    same("too early", refused.returncode, 1)
    within("too early", refused.stderr, "systemctl restart sessiond")
    service.systemctl("restart")
    comes_under({second: 1, first: 0})
    same("session", session_id(call("session.get")), session)
    same("dropped", key("rotate", "--finish", "--with-key=host")["dropped"], [first])
    service.systemctl("restart")
    same("session", session_id(call("session.get")), session)
    same("at the end", sealed_under(), {second: 1})
    same("files", sorted(file.name for file in CREDENTIALS.iterdir()), [MASTER_KEY])


@check("a key in the state directory is rotated while the service runs, by root for the service's own user")
def rotation_in_state(service):
    session = session_id(service.sign_up())
    before = (STATE / "master.key").stat()
    first, = sealed_under()
    second = key("rotate")["key"]
    after = (STATE / "master.key").stat()
    same("owner and mode", (after.st_uid, after.st_gid, after.st_mode), (before.st_uid, before.st_gid, before.st_mode))
    service.reload()
    service.journal.expect("older keys that nothing needs were taken out")
    same("keys", sealed_under(), {second: 1})
    holds("the old key", first not in (STATE / "master.key").read_text())
    service.systemctl("restart")
    same("session", session_id(call("session.get")), session)


@check("state that is backed up, wiped and restored opens with its key, and is sealed without it")
def restored(service):
    file = service.encrypt(MASTER_KEY, new_key())
    session = session_id(service.sign_up())
    service.systemctl("stop")
    must("tar", "-C", str(STATE), "-cf", "/run/state.tar", ".")
    must("sh", "-c", f"umask 077; systemd-creds decrypt --name={MASTER_KEY} {file} - > /run/sessiond.key")
    file.unlink()
    must("sh", "-c", f"rm -r {STATE}/*")
    must("tar", "-C", str(STATE), "-xf", "/run/state.tar")
    service.systemctl("start")
    sealed(service, "^no key to seal with")
    must("systemd-creds", "encrypt", "--with-key=host", f"--name={MASTER_KEY}", "/run/sessiond.key", str(file))
    service.systemctl("restart")
    same("session", session_id(call("session.get")), session)
    must("rm", "/run/sessiond.key")
