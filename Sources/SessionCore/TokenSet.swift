/// The credentials of one session, as its provider gave them.
package struct TokenSet: Sendable, Hashable {
    package var sessionToken: Secret?
    package var sessionJwt: Secret?
    package var accessToken: Secret?
    package var idToken: Secret?
    /// Never leaves the daemon.
    package var refreshToken: Secret?
    /// When the short-lived token among these (`sessionJwt`, else `accessToken`) ends, in Unix milliseconds.
    package var jwtExpiresAt: Int64?

    package init(
        sessionToken: Secret? = nil, sessionJwt: Secret? = nil, accessToken: Secret? = nil, idToken: Secret? = nil,
        refreshToken: Secret? = nil, jwtExpiresAt: Int64? = nil
    ) {
        self.sessionToken = sessionToken
        self.sessionJwt = sessionJwt
        self.accessToken = accessToken
        self.idToken = idToken
        self.refreshToken = refreshToken
        self.jwtExpiresAt = jwtExpiresAt
    }

    /// Whether there is no credential here: a provider that sends empty strings has sent no tokens.
    var isEmpty: Bool {
        sessionToken == nil && sessionJwt == nil && accessToken == nil && idToken == nil && refreshToken == nil
    }
}
