public import SessionProtocol

/// What the daemon says of itself.
public struct ServerGreeting: Sendable, Hashable {
    /// The protocol version that both speak.
    public let protocolVersion: Int64
    /// The server's name, `sessiond`.
    public let name: String
    /// The server's version.
    public let version: String
    /// A UUID, new with every daemon process.
    public let instance: String
    /// What this daemon can do beyond the protocol version's promise.
    public let features: [String]
    /// The limits of docs/protocol.md, by name.
    public let limits: [String: Int64]
}

/// How the daemon is.
public struct Health: Sendable, Hashable {
    /// One thing that was checked.
    public struct Check: Sendable, Hashable {
        /// What was checked.
        public let name: String
        /// Whether it is well.
        public let isOK: Bool
        /// For people.
        public let detail: String?
        /// How long ago it was checked.
        public let age: Duration?
    }

    /// Whether the daemon runs.
    public let isLive: Bool
    /// Whether it can serve.
    public let isReady: Bool
    /// `ok`, `degraded` or `failing`.
    public let status: String
    /// What that follows from.
    public let checks: [Check]
}

/// A profile as the daemon lists it.
public struct ProfileSummary: Sendable, Hashable {
    /// For `profile(_:)`.
    public let name: String
    /// `embedded`, `stytch` and so on.
    public let provider: String
    /// nil where it is one that this version does not know.
    public let phase: Phase?
    /// Whether it is the one that is meant where none is named.
    public let isDefault: Bool
}

extension SessionClient {
    /// Exchanges versions. Need not be called: everything works without it.
    ///
    /// Throws `protocolUnsupported` where daemon and client have no version in common.
    public func hello(name: String? = nil, version: String? = nil) async throws(SessionError) -> ServerGreeting {
        var params: [String: JSONValue] = ["protocol": ["min": 1, "max": 1]]
        if let name { params["client"] = ["name": .string(name), "version": .string(version ?? "")] }
        let reply = Reply(method: "server.hello", json: try await call("server.hello", params))
        let server = Reply(method: reply.method, json: try reply.required("server") { $0 })
        return ServerGreeting(
            protocolVersion: try reply.integer("protocol"), name: try server.string("name"),
            version: try server.string("version"), instance: try reply.string("instance"),
            features: reply.json["features"]?.arrayValue?.compactMap(\.stringValue) ?? [],
            limits: reply.json["limits"]?.objectValue?.compactMapValues(\.integerValue) ?? [:])
    }

    /// Asks for a sign of life; returns how long it took.
    @discardableResult
    public func ping() async throws(SessionError) -> Duration {
        let clock = ContinuousClock()
        let start = clock.now
        try await call("server.ping")
        return clock.now - start
    }

    /// How the daemon is. Needs no permission.
    public func health() async throws(SessionError) -> Health {
        let reply = Reply(method: "server.health", json: try await call("server.health"))
        let checks = try reply.array("checks") { (check) throws(SessionError) in
            Health.Check(
                name: try check.string("name"), isOK: try check.bool("ok"), detail: check.json["detail"]?.stringValue,
                age: check.json["ageMs"]?.integerValue.map { .milliseconds($0) })
        }
        return Health(
            isLive: try reply.bool("live"), isReady: try reply.bool("ready"), status: try reply.string("status"),
            checks: checks)
    }

    /// The daemon's own figures, as docs/protocol.md describes `server.status`.
    public func status() async throws(SessionError) -> JSONValue { try await call("server.status") }

    /// The daemon's methods, as an OpenRPC document.
    public func discover() async throws(SessionError) -> JSONValue { try await call("rpc.discover") }

    /// The profiles that the daemon has.
    public func profiles() async throws(SessionError) -> [ProfileSummary] {
        let reply = Reply(method: "profile.list", json: try await call("profile.list"))
        return try reply.array("profiles") { (profile) throws(SessionError) in
            ProfileSummary(
                name: try profile.string("profile"), provider: try profile.string("provider"),
                phase: Phase(rawValue: try profile.string("phase")), isDefault: try profile.bool("isDefault"))
        }
    }
}
