public import SessionProtocol

extension SessionClient.Profile {
    /// Who is signed in, read from the auth service now.
    public func fetchUser(timeout: Duration? = nil) async throws(SessionError) -> ObjectInfo {
        try await call("user.fetch", ["timeoutMs": timeout?.milliseconds]).objectInfo()
    }

    /// Replaces the user object that the daemon holds, until the auth service next sends one.
    @discardableResult
    public func updateUser(_ user: JSONValue, expecting: Expectation? = nil) async throws(SessionError) -> Snapshot {
        try await change("user.update", ["user": user], expecting).snapshot()
    }
}
