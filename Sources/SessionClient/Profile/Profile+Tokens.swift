import SessionProtocol

extension SessionClient.Profile {
    /// The session's credentials. Where a token has less than `minimumValidity` left it is renewed first, once for all
    /// who wait.
    ///
    /// Throws `notSignedIn` without a session, and `permissionDenied` where the daemon's configuration gives this user
    /// no tokens.
    public func tokens(
        minimumValidity: Duration? = nil, timeout: Duration? = nil
    ) async throws(SessionError) -> SessionTokens {
        let reply = try await call(
            "session.token", ["minValidMs": minimumValidity?.milliseconds, "timeoutMs": timeout?.milliseconds])
        let tokens = try reply.required("tokens", \.objectValue)
        func token(_ name: String) -> SessionToken? { tokens[name]?.stringValue.map(SessionToken.init) }
        return SessionTokens(
            profile: try reply.string("profile"), revision: try reply.integer("revision"),
            isStale: try reply.bool("stale"), expiresAt: reply.json["expiresAt"]?.integerValue,
            sessionToken: token("sessionToken"), sessionJWT: token("sessionJwt"), accessToken: token("accessToken"),
            idToken: token("idToken"), jwtExpiresAt: reply.json["jwtExpiresAt"]?.integerValue)
    }

    /// What a request to the provider's API must carry.
    public func headers(
        minimumValidity: Duration? = nil, timeout: Duration? = nil
    ) async throws(SessionError) -> SessionHeaders {
        let reply = try await call(
            "session.headers", ["minValidMs": minimumValidity?.milliseconds, "timeoutMs": timeout?.milliseconds])
        let headers = try reply.required("headers", \.objectValue)
        return SessionHeaders(headers.compactMapValues { $0.stringValue.map(SessionToken.init) })
    }
}
