public import SessionProtocol

extension SessionClient.Profile {
    /// The whole state, as the daemon has it. Never waits for the auth service.
    public func snapshot() async throws(SessionError) -> Snapshot {
        try await call("session.get").snapshot()
    }

    /// An object of the session, as the daemon has it; `unavailable(notProvided)` where there is no such object.
    public func object(_ name: ObjectName) async throws(SessionError) -> ObjectInfo {
        try await snapshot()[name]
    }

    /// The session, as the daemon has it.
    public func session() async throws(SessionError) -> ObjectInfo { try await object(.session) }

    /// Who is signed in, as the daemon has it.
    public func user() async throws(SessionError) -> ObjectInfo { try await call("user.get").objectInfo() }

    /// The member of an organization who is signed in, as the daemon has it.
    public func member() async throws(SessionError) -> ObjectInfo { try await object(.member) }

    /// The member's organization, as the daemon has it.
    public func organization() async throws(SessionError) -> ObjectInfo { try await object(.organization) }

    /// Returns the state once its phase is one of these; throws `deadlineExceeded` when `timeout` passes first.
    public func wait(until phases: Set<Phase>, timeout: Duration? = nil) async throws(SessionError) -> Snapshot {
        let words = phases.map(\.rawValue).sorted().map(JSONValue.string)
        return try await call("session.wait", ["until": .array(words), "timeoutMs": timeout?.milliseconds]).snapshot()
    }

    /// Returns the state once its phase is that; throws `deadlineExceeded` when `timeout` passes first.
    public func wait(until phase: Phase, timeout: Duration? = nil) async throws(SessionError) -> Snapshot {
        try await wait(until: [phase], timeout: timeout)
    }
}
