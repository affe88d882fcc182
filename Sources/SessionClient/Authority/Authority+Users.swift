import SessionProtocol

extension SessionClient.Authority {
    /// All users.
    public func users() async throws(SessionError) -> [AuthorityUser] {
        try await profile.call("authority.users")
            .array("users") { (user) throws(SessionError) in try user.authorityUser() }
    }

    /// Makes a user. A name that is taken is `upstreamRejected` with the reason `username_taken`.
    @discardableResult
    public func addUser(
        username: String, password: String, name: String? = nil, access: [String: String]? = nil
    ) async throws(SessionError) -> AuthorityUser {
        try await profile.call(
            "authority.user.add",
            [
                "username": .string(username), "password": .string(password), "name": name.map(JSONValue.string),
                "access": access.map(json),
            ]
        ).changedUser()
    }

    /// Changes what is not nil. Disabling a user and setting a password end the user's sessions.
    @discardableResult
    public func updateUser(
        username: String, name: String? = nil, password: String? = nil, isDisabled: Bool? = nil,
        access: [String: String]? = nil
    ) async throws(SessionError) -> AuthorityUser {
        try await profile.call(
            "authority.user.update",
            [
                "username": .string(username), "name": name.map(JSONValue.string),
                "password": password.map(JSONValue.string), "disabled": isDisabled.map(JSONValue.bool),
                "access": access.map(json),
            ]
        ).changedUser()
    }

    /// Removes a user with all sessions.
    public func removeUser(username: String) async throws(SessionError) {
        _ = try await profile.call("authority.user.remove", ["username": .string(username)])
    }

    private func json(_ access: [String: String]) -> JSONValue { .object(access.mapValues(JSONValue.string)) }
}
