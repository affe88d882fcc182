public import SessionProtocol

/// Which sessions to end.
public enum RevocationTarget: Sendable, Hashable {
    /// The profile's own.
    case current
    /// The user's other sessions.
    case others
    /// All of the user's sessions.
    case all
    /// One of those that `sessions()` lists.
    case session(id: String)

    var json: JSONValue {
        switch self {
        case .current: "current"
        case .others: "others"
        case .all: "all"
        case .session(let id): ["id": .string(id)]
        }
    }
}

/// What came of a revocation.
public struct Revocation: Sendable, Hashable {
    /// Whether the auth service has ended what was named.
    public let isConfirmed: Bool
    /// Whether the daemon goes on asking the service, over restarts, until it has confirmed.
    public let isPending: Bool
    /// The state after it.
    public let snapshot: Snapshot
}

/// One of the user's sessions.
public struct ListedSession: Sendable, Hashable {
    /// For `revoke(.session(id:))`.
    public let id: String
    /// Whether it is the profile's own.
    public let isCurrent: Bool
    /// Unix milliseconds.
    public let createdAt: Int64?
    /// What the session was begun with.
    public let userAgent: String?
    /// The provider's own JSON, tokens removed.
    public let value: JSONValue
}

extension SessionClient.Profile {
    /// The user's sessions, asked of the auth service.
    public func sessions(timeout: Duration? = nil) async throws(SessionError) -> [ListedSession] {
        try await call("session.list", ["timeoutMs": timeout?.milliseconds])
            .array("sessions") { (session) throws(SessionError) in
                ListedSession(
                    id: try session.string("id"), isCurrent: try session.bool("current"),
                    createdAt: session.json["createdAt"]?.integerValue,
                    userAgent: session.json["userAgent"]?.stringValue, value: session.json["value"] ?? .null)
            }
    }

    /// Ends sessions at the auth service. Ending one that is gone already succeeds.
    ///
    /// Where the service cannot be reached this throws `upstreamUnavailable` and nothing is dropped; with `force` the
    /// own session ends now, and the daemon sees to it that the service learns of it.
    @discardableResult
    public func revoke(
        _ target: RevocationTarget = .current, force: Bool = false, expecting: Expectation? = nil,
        timeout: Duration? = nil
    ) async throws(SessionError) -> Revocation {
        let reply = try await change(
            "session.revoke", ["target": target.json, "force": force ? true : nil], expecting, timeout: timeout)
        return Revocation(
            isConfirmed: try reply.bool("confirmed"), isPending: try reply.bool("pending"),
            snapshot: try reply.snapshot("snapshot"))
    }
}
