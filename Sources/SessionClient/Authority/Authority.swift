import SessionProtocol

extension SessionClient {
    /// Administration of the embedded authority behind a profile. All of it needs the permission `admin`, but for
    /// `keys()`.
    public struct Authority: Sendable {
        let profile: Profile
    }

    /// The embedded authority behind a profile; without a name behind the default profile. A profile of another
    /// provider throws `notSupported`.
    public func authority(profile: String? = nil) -> Authority { Authority(profile: self.profile(profile)) }
}

/// A user of the embedded authority.
public struct AuthorityUser: Sendable, Hashable {
    /// Stays the same for the user's life.
    public let id: String
    /// Compared without case.
    public let username: String
    /// For people.
    public let name: String?
    /// Whether signing in is refused.
    public let isDisabled: Bool
    /// Unix milliseconds.
    public let createdAt: Int64?
    /// Letters of `crud` by feature.
    public let access: [String: String]
}

/// A live session at the embedded authority. Times are Unix milliseconds.
public struct AuthoritySession: Sendable, Hashable {
    /// For `revokeSession(id:)`.
    public let id: String
    /// Whose it is.
    public let username: String
    /// When it began.
    public let startedAt: Int64
    /// When it ends.
    public let expiresAt: Int64?
    /// When it was last validated.
    public let lastSeenAt: Int64?
}

extension Reply {
    func authorityUser() throws(SessionError) -> AuthorityUser {
        AuthorityUser(
            id: try string("id"), username: try string("username"), name: json["name"]?.stringValue,
            isDisabled: try bool("disabled"), createdAt: json["createdAt"]?.integerValue,
            access: json["access"]?.objectValue?.compactMapValues(\.stringValue) ?? [:])
    }

    func authoritySession() throws(SessionError) -> AuthoritySession {
        AuthoritySession(
            id: try string("id"), username: try string("username"), startedAt: try integer("startedAt"),
            expiresAt: json["expiresAt"]?.integerValue, lastSeenAt: json["lastSeenAt"]?.integerValue)
    }

    /// The result's `user`.
    func changedUser() throws(SessionError) -> AuthorityUser {
        try Reply(method: method, json: try required("user") { $0 }).authorityUser()
    }
}
