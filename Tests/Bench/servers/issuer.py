"""An OpenID provider on loopback that knows one user, so that oidc-agent has a token to hold."""

import base64
import http.server
import json
import threading
import urllib.parse

LIFETIME_SECONDS = 86400
# A JWT of an ordinary provider is about this long.
TOKEN_BYTES = 450


class Issuer:
    """Serves discovery and the password grant until `stop`."""

    def __init__(self, username, password):
        self.username, self.password = username, password
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def discovery(self):
        return {
            "issuer": self.url,
            "authorization_endpoint": self.url + "/authorize",
            "token_endpoint": self.url + "/token",
            "jwks_uri": self.url + "/keys",
            "scopes_supported": ["openid", "offline_access"],
            "response_types_supported": ["code"],
            "grant_types_supported": ["password", "refresh_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        }

    def grant(self, form):
        """The token endpoint's status and answer."""
        by_password = form.get("username") == [self.username] and form.get("password") == [self.password]
        if not by_password and form.get("refresh_token") != ["refresh"]:
            return 400, {"error": "invalid_grant"}
        token = base64.urlsafe_b64encode(bytes(index * 7 % 256 for index in range(TOKEN_BYTES * 3 // 4))).decode()
        return 200, {
            "access_token": token, "token_type": "Bearer", "expires_in": LIFETIME_SECONDS,
            "refresh_token": "refresh", "scope": "openid offline_access",
        }

    def _handler(self):
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802 - http.server's name
                is_discovery = self.path == "/.well-known/openid-configuration"
                self._answer(*((200, issuer.discovery()) if is_discovery else (404, {})))

            def do_POST(self):  # noqa: N802
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                form = urllib.parse.parse_qs(body.decode())
                self._answer(*(issuer.grant(form) if self.path == "/token" else (404, {})))

            def log_message(self, *_):
                pass

            def _answer(self, status, value):
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        return Handler
