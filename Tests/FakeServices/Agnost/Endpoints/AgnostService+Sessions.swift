import SessionProtocol

/// The calls of a signed-in user about sessions.
extension AgnostService {
    /// The session that the gate has found.
    func own(_ call: AgnostCall) throws(AgnostFault) -> AgnostSession {
        guard let session = call.session else { throw .of("missing_session_token") }
        return session
    }

    /// Without `token`, or with the own one: this session. Another one: 404 where the token does not verify, 200 where
    /// it verifies and is gone already, 403 where it is somebody else's.
    mutating func signOut(_ call: AgnostCall) throws(AgnostFault) -> AgnostReply {
        let own = try own(call)
        let target: String
        switch call.body["token"] {
        case nil, .null: target = own.token
        case .string(let text): target = text.isEmpty ? own.token : text
        default: throw .validation("token", "Must be a string")
        }
        guard let key = world.key(of: target) else {
            throw Self.wrongTarget(404, "The session token cannot be verified.")
        }
        guard let session = world.sessions[key] else { return .empty }
        guard session.userID == own.userID else {
            throw Self.wrongTarget(403, "The session is one of another user.")
        }
        world.end(key, stillFound: choices.checksUntilGone)
        return .signedOut
    }

    private static func wrongTarget(_ status: Int, _ message: String) -> AgnostFault {
        AgnostFault(code: "invalid_session_token", status: status, message: message)
    }

    mutating func signOutAll(_ call: AgnostCall) throws(AgnostFault) -> AgnostReply {
        let own = try own(call)
        for key in try listed(own) + [own.key] { world.end(key, stillFound: choices.checksUntilGone) }
        return .signedOut
    }

    mutating func signOutAllExcept(_ call: AgnostCall) throws(AgnostFault) -> AgnostReply {
        let own = try own(call)
        for key in try listed(own) where key != own.key { world.end(key, stillFound: choices.checksUntilGone) }
        return .empty
    }

    /// The handlers read two names that nobody has defined as soon as there is a list.
    private func listed(_ own: AgnostSession) throws(AgnostFault) -> [String] {
        guard let keys = world.lists[own.userID] else { return [] }
        if choices.isSignOutAllBroken { throw .of("internal_server_error", "userDb is not defined") }
        return keys
    }

    /// With the full tokens of all of them. One that the list has lost is missing though it lives.
    func sessions(_ call: AgnostCall) throws(AgnostFault) -> AgnostReply {
        let keys = world.lists[try own(call).userID] ?? []
        return .json(.array(keys.compactMap { world.sessions[$0]?.json }))
    }
}
