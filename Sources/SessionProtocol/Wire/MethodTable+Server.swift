extension MethodDescriptor {
    private typealias Schema = ResultSchema

    static let server: [MethodDescriptor] = [
        MethodDescriptor(
            .serverHello, needs: nil, [],
            params: [
                MethodParam(
                    "client",
                    .object([
                        MethodParam("name", .string(0...128), "The program's name."),
                        MethodParam("version", .string(0...128), "The program's version."),
                    ]), "Who is calling."),
                MethodParam(
                    "protocol",
                    .object([
                        MethodParam("min", .integer(0...1_000_000), required: true, "The oldest version spoken."),
                        MethodParam("max", .integer(0...1_000_000), required: true, "The newest version spoken."),
                    ]), "The protocol versions that the client speaks."),
            ],
            result: Schema.object([
                "protocol": Schema.integer, "server": Schema.object(["name": Schema.text, "version": Schema.text]),
                "instance": Schema.text, "features": Schema.list(Schema.text),
                "limits": ["type": "object", "additionalProperties": Schema.integer],
            ]),
            "Agrees on a protocol version and tells the server's features and limits."),
        MethodDescriptor(
            .serverPing, needs: nil, [.anyParams], result: Schema.anyObject, "Answers with the params as they came."),
        MethodDescriptor(
            .serverHealth, needs: nil, [],
            result: Schema.object([
                "live": Schema.flag, "ready": Schema.flag, "status": Schema.word(["ok", "degraded", "failing"]),
                "checks": Schema.list(
                    Schema.object([
                        "name": Schema.text, "ok": Schema.flag, "detail": Schema.text, "ageMs": Schema.integer,
                    ])),
            ]),
            "Whether the daemon works."),
        MethodDescriptor(
            .serverStatus, needs: .read, [],
            result: Schema.object([
                "instance": Schema.text, "version": Schema.text, "startedAt": Schema.integer,
                "connections": Schema.integer, "subscriptions": Schema.integer, "store": Schema.anyObject,
                "profiles": Schema.list(
                    Schema.object([
                        "profile": Schema.text, "provider": Schema.text, "phase": Schema.text,
                        "expiresAt": Schema.time, "heartbeat": Schema.heartbeat,
                    ])),
                "counters": ["type": "object", "additionalProperties": Schema.integer],
            ]),
            "What the daemon is at, without any session's content."),
        MethodDescriptor(
            .serverCancel, needs: nil, [],
            params: [MethodParam("id", .requestID, required: true, "The id of a request of this connection.")],
            result: Schema.object(["cancelled": Schema.flag]),
            "Stops waiting for a call, which is answered with cancelled. A change that has started goes on."),
        MethodDescriptor(
            .discover, needs: nil, [], result: Schema.anyObject, "This document."),
        MethodDescriptor(
            .profileList, needs: .read, [],
            result: Schema.object([
                "profiles": Schema.list(
                    Schema.object([
                        "profile": Schema.text, "provider": Schema.text, "phase": Schema.text,
                        "isDefault": Schema.flag,
                    ]))
            ]),
            "The profiles that the caller may read."),
    ]
}
