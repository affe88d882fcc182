import SessionProtocol

/// The paths of a consumer project.
extension StytchService {
    /// nil: there is no such call.
    mutating func consumer(_ call: StytchCall) throws(StytchFault) -> StytchPayload? {
        switch (call.verb, call.path) {
        case ("POST", "sessions/authenticate"): try authenticateSession(call)
        case ("POST", "sessions/revoke"): try revokeSession(call)
        case ("POST", "sessions/exchange_access_token"): try redeemGrant(call, attesting: false)
        case ("POST", "sessions/attest"): try redeemGrant(call, attesting: true)
        case ("POST", "passwords"): try createPassword(call)
        case ("POST", "passwords/authenticate"): try authenticatePassword(call)
        case ("POST", "otps/sms/login_or_create"): try sendUserCode(.sms, call)
        case ("POST", "otps/whatsapp/login_or_create"): try sendUserCode(.whatsapp, call)
        case ("POST", "otps/email/login_or_create"): try sendUserCode(.email, call)
        case ("POST", "otps/authenticate"): try authenticateUserCode(call)
        case ("POST", "magic_links/email/login_or_create"): try sendUserLink(call)
        case ("POST", "magic_links/authenticate"): try authenticateUserLink(call)
        case ("POST", "totps/authenticate"): try authenticateUserTOTP(call)
        case ("POST", "totps/recover"): try recoverUser(call)
        default: call.mode == .sdk ? try consumerSDK(call) : try consumerServer(call)
        }
    }

    private mutating func consumerSDK(_ call: StytchCall) throws(StytchFault) -> StytchPayload? {
        switch (call.verb, call.path) {
        case ("GET", "users/me"): return try person(call).fields
        case ("PUT", "users/me"):
            var user = try person(call)
            for name in ["name", "untrusted_metadata"] {
                guard let value = call.body[name] else { continue }
                user.fields[name] = .object(
                    (user.fields[name]?.objectValue ?? [:]).merging(value.objectValue ?? [:]) { $1 })
            }
            world.people[user.id] = user
            return ["user": user.json]
        default: return nil
        }
    }

    private func consumerServer(_ call: StytchCall) throws(StytchFault) -> StytchPayload? {
        guard call.verb == "GET" else { return nil }
        if call.path == "sessions" { return try listSessions(call) }
        if call.path == "rbac/policy" { return policy() }
        if let projectID = call.path.tail(after: "sessions/jwks/") { return try keySet(projectID) }
        guard let id = call.path.tail(after: "users/") else { return nil }
        guard let user = world.people[id] else { throw .of("user_not_found") }
        return user.fields
    }

    /// Who is signed in with the request's session.
    func person(_ call: StytchCall) throws(StytchFault) -> StytchPerson {
        let session = try session(call)
        guard let person = world.people[session.ownerID] else { throw .of(choices.whenRevoked) }
        return person
    }
}

extension String {
    /// The one path segment after `prefix`.
    func tail(after prefix: String) -> String? {
        guard hasPrefix(prefix), count > prefix.count else { return nil }
        let tail = String(dropFirst(prefix.count))
        return tail.contains("/") ? nil : tail
    }
}
