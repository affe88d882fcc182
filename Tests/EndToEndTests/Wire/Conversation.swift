import SessionProtocol

/// A conversation that meets every method of the embedded authority, and most errors.
enum Conversation {
    /// What the embedded authority cannot do.
    static let unsupported: Set<String> = [
        "session.answer", "session.lock", "session.unlock", "account.list", "account.switch", "alerts.list",
    ]

    /// The table of docs/protocol.md, section 3.
    static let codes: [String: Int64] = [
        "parseError": -32700, "invalidRequest": -32600, "lineTooLong": -32600, "duplicateKey": -32600,
        "tooDeep": -32600, "tooManyValues": -32600, "duplicateId": -32600, "methodNotFound": -32601,
        "invalidParams": -32602, "internal": -32603, "cancelled": -32800, "permissionDenied": 1001,
        "notSignedIn": 1002, "conflict": 1003, "deadlineExceeded": 1004, "busy": 1005, "tooManySubscriptions": 1005,
        "upstreamUnavailable": 1006, "upstreamRejected": 1007, "storeFailed": 1008, "keyUnavailable": 1008,
        "shuttingDown": 1009, "protocolUnsupported": 1010, "profileNotFound": 1011, "notSupported": 1012,
        "misconfigured": 1013, "challengeNotFound": 1014,
    ]

    /// Method and params in their order. Grants come from the daemon itself, on another connection.
    static func script(_ daemon: DaemonProcess) async throws -> [(String, JSONValue)] {
        let administration = try daemon.connect()
        func grant() async throws -> JSONValue {
            try await administration.call("authority.grant", ["username": .string(Seed.username)])["accessToken"]
                ?? .null
        }
        let orphan = try await administration.signIn()["objects"]?["session"]?["value"]?["id"] ?? .null
        try await administration.call("session.clearLocal")
        try await administration.call("session.invalidate")
        let ada: JSONValue = ["username": .string(Seed.username)]
        let signedOut: [(String, JSONValue)] = [
            ("server.hello", ["client": ["name": "test"], "protocol": ["min": 1, "max": 9]]),
            ("server.hello", ["protocol": ["min": 2, "max": 9]]), ("server.ping", ["x": [1, nil]]),
            ("server.health", [:]), ("server.status", [:]), ("server.cancel", ["id": 77]), ("rpc.discover", [:]),
            ("profile.list", [:]), ("session.get", [:]), ("session.get", ["profile": "nobody"]),
            ("session.token", [:]), ("session.headers", [:]), ("session.list", [:]), ("session.authenticate", [:]),
            ("user.get", [:]), ("user.fetch", [:]), ("user.update", ["user": [:]]), ("session.revoke", [:]),
            ("access.check", ["required": "*"]), ("access.check", [:]), ("alerts.list", [:]), ("account.list", [:]),
            ("session.answer", ["challenge": "c", "code": "1"]), ("session.lock", [:]),
            ("session.unlock", ["password": "x"]), ("account.switch", ["accountId": "a"]),
            ("session.signIn", ["method": "otp", "email": "a@example.com"]),
            ("session.signIn", ["method": "nonsense"]), ("session.exchange", ["accessToken": "wrong"]),
            ("authority.session.revoke", ["id": orphan]),
        ]
        let signedIn: [(String, JSONValue)] = [
            ("session.exchange", ["accessToken": try await grant(), "sessionDurationMinutes": 30]),
            ("session.get", [:]), ("session.token", ["minValidMs": 60_000]), ("session.token", ["minValidMs": 300_001]),
            ("session.headers", [:]), ("session.list", [:]), ("session.authenticate", [:]),
            ("session.authenticate", ["sessionDurationMinutes": 90]),
            ("session.authenticate", ["sessionDurationMinutes": 4]),
            ("session.authenticate", ["expect": ["revision": 0]]), ("user.get", [:]), ("user.fetch", [:]),
            ("user.update", ["user": ["nick": "A"]]), ("access.check", ["required": "docs:r"]),
            ("access.check", ["resource": "docs", "action": "r"]), ("server.status", [:]), ("profile.list", [:]),
            ("session.watch", [:]), ("session.watch", ["all": true]), ("session.watch", ["topics": ["nonsense"]]),
            ("session.unwatch", ["subscription": "s1"]), ("session.unwatch", ["subscription": "s99"]),
            ("session.wait", ["until": ["active"]]), ("session.wait", ["until": ["sealed"], "timeoutMs": 1]),
            ("session.revoke", ["target": ["id": "nobody"]]), ("session.revoke", ["target": "others"]),
            ("session.clearLocal", [:]), ("session.invalidate", [:]), ("session.invalidate", [:]),
            ("session.update", ["sessionToken": "handed in from nowhere"]),
        ]
        let administrative: [(String, JSONValue)] = [
            ("authority.users", [:]), ("authority.user.add", ["username": "eve", "password": "long enough"]),
            ("authority.user.add", ["username": "EVE", "password": "long enough"]),
            ("authority.user.add", ["username": "bob", "password": "short"]),
            ("authority.user.update", ["username": "eve", "name": "Eve", "access": ["docs": "r"]]),
            ("authority.user.update", ["username": "nobody", "name": "Eve"]), ("authority.grant", ada),
            ("authority.sessions", [:]), ("authority.sessions", ada), ("authority.session.revoke", ["id": "nobody"]),
            ("session.exchange", ["accessToken": try await grant()]),
            ("session.revoke", ["target": "all"]), ("authority.user.remove", ["username": "eve"]),
            ("authority.jwks", [:]), ("authority.jwks", ["profile": "nobody"]),
            ("session.signUp", ["method": "password", "username": "mallory", "password": "long enough"]),
            ("session.signUp", ["method": "password", "username": "mallory", "password": "long enough"]),
            ("session.signIn", ["method": "password", "username": "mallory", "password": "long enough"]),
            ("session.signIn", ["method": "password", "username": "mallory", "password": "wrong one"]),
            ("session.revoke", [:]), ("session.revoke", ["force": true]),
        ]
        return signedOut + signedIn + administrative
    }
}
