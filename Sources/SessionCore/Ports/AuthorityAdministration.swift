package import SessionProtocol

/// Administration of an auth service that lives in the daemon (docs/protocol.md, section 6).
package protocol AuthorityAdministration: Sendable {
    func users() throws(AdministrationError) -> [JSONValue]
    func addUser(username: String, password: Secret, name: String?, access: [String: String])
        async throws(AdministrationError) -> JSONValue
    func updateUser(username: String, name: String?, password: Secret?, disabled: Bool?, access: [String: String]?)
        async throws(AdministrationError) -> JSONValue
    func removeUser(username: String) throws(AdministrationError)
    /// The live sessions of one user, or of all.
    func sessions(username: String?) throws(AdministrationError) -> [JSONValue]
    func revokeSession(id: String) throws(AdministrationError)
    /// A single-use access token for `session.exchange`.
    func grant(username: String, expiresInMinutes: Int) throws(AdministrationError) -> Secret
    /// The public keys that verify the authority's JWTs (RFC 7517).
    func jwks() throws(AdministrationError) -> [JSONValue]
}

/// Why an administrative call failed.
package enum AdministrationError: Error, Sendable, Hashable {
    /// Wire: 1007 with this reason, such as `user_not_found` or `username_taken`.
    case rejected(reason: String)
    /// Wire: −32602.
    case invalidField(path: String, expected: String)
    /// Wire: 1008 `storeFailed`.
    case storeFailed
}
