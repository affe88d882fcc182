public import SessionProtocol

extension SessionClient.Profile {
    /// Asks the auth service whether the session lives; with a duration also moves its end to that long from now,
    /// rounded up to whole minutes.
    ///
    /// A session that is gone is no error: the snapshot says `signedOut`. Throws `upstreamUnavailable` where the
    /// service cannot be reached.
    @discardableResult
    public func authenticate(
        extendingTo duration: Duration? = nil, expecting: Expectation? = nil, timeout: Duration? = nil
    ) async throws(SessionError) -> Snapshot {
        let minutes = duration.map { JSONValue.integer($0.wholeMinutes) }
        return try await change(
            "session.authenticate", ["sessionDurationMinutes": minutes], expecting, timeout: timeout
        ).snapshot()
    }

    /// Hands in a session that was obtained elsewhere. The daemon stores it and has it confirmed at once; until then
    /// the phase is `unverified`.
    @discardableResult
    public func update(
        sessionToken: String? = nil, sessionJWT: String? = nil, session: JSONValue? = nil, user: JSONValue? = nil,
        expecting: Expectation? = nil
    ) async throws(SessionError) -> Snapshot {
        try await change(
            "session.update",
            [
                "sessionToken": sessionToken.map(JSONValue.string), "sessionJwt": sessionJWT.map(JSONValue.string),
                "session": session, "user": user,
            ], expecting
        ).snapshot()
    }

    /// Ends the local session, in memory and in the store, without telling the auth service.
    @discardableResult
    public func invalidate(expecting: Expectation? = nil) async throws(SessionError) -> Invalidation {
        let reply = try await change("session.invalidate", [:], expecting)
        return Invalidation(snapshot: try reply.snapshot("snapshot"), signInURL: reply.json["signInURL"]?.stringValue)
    }

    /// Deletes what is stored. The session goes on in memory until the daemon stops.
    @discardableResult
    public func clearLocal(expecting: Expectation? = nil) async throws(SessionError) -> Snapshot {
        try await change("session.clearLocal", [:], expecting).snapshot()
    }

    /// Locks the screen at the auth service.
    @discardableResult
    public func lock(
        expecting: Expectation? = nil, timeout: Duration? = nil
    ) async throws(SessionError) -> Snapshot {
        try await change("session.lock", [:], expecting, timeout: timeout).snapshot()
    }

    /// Unlocks the screen. A wrong password is `upstreamRejected`.
    @discardableResult
    public func unlock(
        password: String, expecting: Expectation? = nil, timeout: Duration? = nil
    ) async throws(SessionError) -> Snapshot {
        try await change("session.unlock", ["password": .string(password)], expecting, timeout: timeout).snapshot()
    }
}

/// What came of `invalidate`.
public struct Invalidation: Sendable, Hashable {
    /// The state without a session.
    public let snapshot: Snapshot
    /// Where a person can sign in again, if the service has such a page.
    public let signInURL: String?
}
