import SessionProtocol

/// How a user's sign-in ends, and the password as its simplest way.
extension StytchService {
    /// Adds the factor to the live session that the call came with, or opens a session.
    /// Server calls without a duration make none.
    mutating func finish(
        _ user: StytchPerson, _ factor: StytchFactor, _ call: StytchCall, resetting: Bool = false
    ) throws(StytchFault) -> StytchPayload {
        let minutes = try duration(call, isRequired: true)
        let current = try stepUp(call).flatMap { $0.ownerID == user.id ? $0 : nil }
        if resetting {
            for session in world.sessions(of: user.id) where session.id != current?.id { world.revoke(session.id) }
        }
        var session: StytchSession
        if let current {
            session = current
            session.add(factor)
            session.lastAccessedAt = call.now
            if let minutes { session.expiresAt = call.now + minutes * 60_000 }
        } else if let minutes {
            session = world.open(owner: user.id, factors: [factor], minutes: minutes, call: call)
        } else {
            return [
                "user_id": .string(user.id), "user": user.json, "session": nil, "session_token": "", "session_jwt": "",
            ]
        }
        applyClaims(call, to: &session)
        world.keep(session)
        var payload = payload(session, call)
        payload["user_id"] = .string(user.id)
        return payload
    }

    mutating func createPassword(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let email = try call.required("email")
        let password = try call.required("password")
        guard world.user(email: email) == nil else { throw .of("duplicate_email") }
        let user = world.addUser(email: email, password: password, isVerified: false, now: call.now)
        var payload = try finish(user, StytchFactor("password", "knowledge", at: call.now), call)
        payload["email_id"] = user.entry("emails", "email", email)?["email_id"]
        return payload
    }

    mutating func authenticatePassword(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let email = try call.required("email")
        let password = try call.required("password")
        _ = try duration(call, isRequired: true)
        guard let user = world.user(email: email) else { throw .of("email_not_found") }
        guard !user.isLocked else { throw .of("user_lock_limit_reached") }
        guard user.password == password else { throw .of("unauthorized_credentials", "Unauthorized credentials.") }
        return try finish(user, StytchFactor("password", "knowledge", at: call.now), call)
    }

    mutating func authenticateUserTOTP(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let code = try call.required("totp_code")
        _ = try duration(call, isRequired: true)
        let user = try named(call)
        guard let secret = user.totpSecret, StytchTOTP.accepts(code, secret: secret, at: call.now) else {
            throw .of("unable_to_auth_totp_code")
        }
        let id = user.fields["totps"]?.arrayValue?.first?["totp_id"] ?? .null
        let factor = StytchFactor(
            "totp", "authenticator_app", "authenticator_app_factor", ["totp_id": id], at: call.now)
        return try finish(user, factor, call)
    }

    mutating func recoverUser(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let code = try call.required("recovery_code")
        _ = try duration(call, isRequired: true)
        var user = try named(call)
        guard let index = user.recoveryCodes.firstIndex(of: code) else { throw .of("unable_to_auth_recovery_code") }
        user.recoveryCodes.remove(at: index)
        world.people[user.id] = user
        let id = world.ids.id("totp-recovery-code")
        let factor = StytchFactor(
            "recovery_codes", "recovery_code", "recovery_code_factor", ["totp_recovery_code_id": .string(id)],
            at: call.now)
        return try finish(user, factor, call)
    }

    /// Servers say whose code it is, SDK calls are about the session's user.
    private func named(_ call: StytchCall) throws(StytchFault) -> StytchPerson {
        guard call.mode == .server else { return try person(call) }
        guard let user = world.people[try call.required("user_id")] else { throw .of("user_not_found") }
        return user
    }
}
