"""Holds rpc.discover and what the daemon answers to its schemas, by the jsonschema library."""
import json
import socket

import jsonschema

# The parts of an OpenRPC 1.3 document that every reader relies on (spec.open-rpc.org).
OPENRPC = {
    "type": "object",
    "required": ["openrpc", "info", "methods"],
    "properties": {
        "openrpc": {"type": "string", "pattern": r"^1\.3\.\d+$"},
        "info": {
            "type": "object", "required": ["title", "version"],
            "properties": {"title": {"type": "string"}, "version": {"type": "string"}},
        },
        "methods": {
            "type": "array", "minItems": 1,
            "items": {
                "type": "object", "required": ["name", "params", "result"],
                "properties": {
                    "name": {"type": "string", "minLength": 1},
                    "paramStructure": {"enum": ["by-name", "by-position", "either"]},
                    "params": {
                        "type": "array",
                        "items": {
                            "type": "object", "required": ["name", "schema"],
                            "properties": {"name": {"type": "string"}, "required": {"type": "boolean"}},
                        },
                    },
                    "result": {
                        "type": "object", "required": ["name", "schema"],
                        "properties": {"name": {"type": "string"}},
                    },
                    "errors": {
                        "type": "array",
                        "items": {
                            "type": "object", "required": ["code", "message"],
                            "properties": {"code": {"type": "integer"}, "message": {"type": "string"}},
                        },
                    },
                },
                "patternProperties": {"^x-": {}},
            },
        },
        "components": {"type": "object"},
    },
}

CALLS = [
    ("server.hello", {"protocol": {"min": 1, "max": 1}}), ("server.ping", {}), ("server.health", {}),
    ("server.status", {}), ("rpc.discover", {}), ("profile.list", {}), ("session.get", {}), ("user.get", {}),
    ("session.exchange", None), ("session.get", {}), ("session.token", {}), ("session.headers", {}),
    ("session.list", {}), ("session.authenticate", {"sessionDurationMinutes": 60}), ("user.get", {}),
    ("user.fetch", {}), ("user.update", {"user": {"a": 1}}), ("access.check", {"required": "docs:r"}),
    ("session.watch", {}), ("session.watch", {"all": True}), ("session.unwatch", {"subscription": "s1"}),
    ("session.wait", {"until": ["active"]}), ("authority.users", {}), ("authority.sessions", {}),
    ("authority.jwks", {}), ("session.clearLocal", {}), ("session.revoke", {}), ("session.invalidate", {}),
]


def run(path, tally):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(20)
        connection.connect(path)
        stream = connection.makefile("rwb")

        def call(method, params):
            stream.write(json.dumps({"jsonrpc": "2.0", "id": "s", "method": method, "params": params}).encode() + b"\n")
            stream.flush()
            while True:
                reply = json.loads(stream.readline())
                if reply.get("id") == "s":
                    return reply

        document = call("rpc.discover", {})["result"]
        problems = list(jsonschema.Draft202012Validator(OPENRPC).iter_errors(document))
        tally.check(f"OpenRPC: {[problem.message for problem in problems]}", not problems)
        names = [method["name"] for method in document["methods"]]
        tally.check("OpenRPC: each method once", len(set(names)) == len(names))
        schemas = {method["name"]: method["result"]["schema"] for method in document["methods"]}
        for method in document["methods"]:
            for schema in [method["result"]["schema"], *(param["schema"] for param in method["params"])]:
                try:
                    jsonschema.Draft202012Validator.check_schema(schema)
                    tally.check("a schema", True)
                except jsonschema.SchemaError as error:
                    tally.check(f"{method['name']}: a schema: {error.message}", False)
            params = [param["name"] for param in method["params"]]
            tally.check(f"{method['name']}: each param once", len(set(params)) == len(params))
        for method, params in CALLS:
            if params is None:
                params = {"accessToken": call("authority.grant", {"username": "ada"})["result"]["accessToken"]}
            reply = call(method, params)
            # References are by place in the whole document.
            schema = dict(schemas[method], components=document["components"])
            problems = [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(reply.get("result"))]
            tally.check(f"{method}: {reply.get('error') or problems}", "result" in reply and not problems)
