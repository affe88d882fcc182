public import SessionProtocol

extension SessionClient.Authority {
    /// The live sessions of one user, or of all.
    public func sessions(of username: String? = nil) async throws(SessionError) -> [AuthoritySession] {
        try await profile.call("authority.sessions", ["username": username.map(JSONValue.string)])
            .array("sessions") { (session) throws(SessionError) in try session.authoritySession() }
    }

    /// Ends one session.
    public func revokeSession(id: String) async throws(SessionError) {
        _ = try await profile.call("authority.session.revoke", ["id": .string(id)])
    }

    /// An access token for one `Profile.exchange(accessToken:)`, good for `validity`, rounded up to whole minutes;
    /// without one for an hour.
    public func grant(username: String, validity: Duration? = nil) async throws(SessionError) -> SessionToken {
        let minutes = validity.map { JSONValue.integer($0.wholeMinutes) }
        let reply = try await profile.call(
            "authority.grant", ["username": .string(username), "expiresInMinutes": minutes])
        return SessionToken(try reply.string("accessToken"))
    }

    /// The public keys that verify the authority's JWTs (RFC 7517). Needs the permission `read`.
    public func keys() async throws(SessionError) -> [JSONValue] {
        try await profile.call("authority.jwks").required("keys", \.arrayValue)
    }
}
