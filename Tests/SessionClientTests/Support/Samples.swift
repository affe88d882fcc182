import SessionProtocol

enum Samples {
    /// A state with the session numbered `number`, or without one.
    static func snapshot(session number: Int64? = 0, revision: Int64 = 1, instance: String = "i") -> Snapshot {
        Snapshot(
            profile: "default", provider: "embedded", instance: instance, revision: revision,
            phase: number == nil ? .signedOut : .active, cause: Cause(.validated, at: 1), expiresAt: nil,
            lastValidatedAt: 1, objects: ["session": session(number), "user": .unavailable(.notProvided)],
            heartbeat: HeartbeatStatus(intervalMs: 180_000), challenge: nil)
    }

    static func session(_ number: Int64?) -> ObjectInfo {
        guard let number else { return .unavailable(.signedOut) }
        return .available(["number": .integer(number)], lastValidatedAt: 1)
    }

    static func changed(_ subscription: String, _ state: Snapshot) -> JSONValue {
        [
            "jsonrpc": "2.0", "method": "session.changed",
            "params": [
                "subscription": .string(subscription), "profile": .string(state.profile),
                "revision": .integer(state.revision), "state": state.json,
            ],
        ]
    }
}

extension Snapshot {
    /// The number of the session, nil where there is none.
    var number: Int64? {
        get { objects["session"]?.number }
        set { objects["session"] = Samples.session(newValue) }
    }
}

extension ObjectInfo {
    var number: Int64? {
        guard case .available(let value, _) = self else { return nil }
        return value["number"]?.integerValue
    }
}
