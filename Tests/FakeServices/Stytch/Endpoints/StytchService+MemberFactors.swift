import SessionProtocol

/// A member's first factors.
extension StytchService {
    mutating func authenticateMemberPassword(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let password = try call.required("password")
        _ = try duration(call, isRequired: true)
        let member = try memberByEmail(call)
        guard !member.isLocked else { throw .of("user_lock_limit_reached") }
        guard member.password == password else { throw .of("unauthorized_credentials", "Unauthorized credentials.") }
        return try finish(
            member, try standing(member, call), adding: StytchFactor("password", "knowledge", at: call.now), call)
    }

    mutating func sendMemberCode(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let organization = try organization(try call.required("organization_id"))
        let email = try call.required("email_address")
        let found = world.member(email: email, in: organization.id)
        guard found != nil || organization.lets(email: email) else { throw .of("member_not_found") }
        let member = found ?? world.addMember(of: organization.id, email: email, now: call.now)
        world.send(
            .email, to: email, methodID: member.id, owner: member.id, expiresAt: call.now + StytchWorld.codeLifetime)
        return [
            "member_id": .string(member.id), "member": member.json, "organization": organization.json,
            "member_created": .bool(found == nil),
        ]
    }

    mutating func authenticateMemberCode(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let code = try call.required("code")
        _ = try duration(call, isRequired: true)
        let member = try memberByEmail(call)
        let standing = try standing(member, call)
        let sent = world.take(code, at: call.now) { $0.channel == .email && $0.ownerID == member.id }
        guard sent != nil else { throw .of("unable_to_auth_otp_code") }
        return try finish(member, standing, adding: emailFactor("email_otp", member.memberEmail, call), call)
    }

    mutating func authenticateMemberLink(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let token = try call.required("magic_links_token")
        _ = try duration(call, isRequired: true)
        let link = try takeLink(token, verifier: call.optional("pkce_code_verifier"), call)
        guard let member = link.ownerID.flatMap({ world.people[$0] }) else { throw .of("unable_to_auth_magic_link") }
        let factor = emailFactor("magic_link", member.memberEmail, call)
        var payload = try finish(member, try standing(member, call), adding: factor, call)
        payload["method_id"] = .string(link.methodID)
        payload["reset_sessions"] = false
        return payload
    }

    mutating func emailFactor(_ type: String, _ email: String, _ call: StytchCall) -> StytchFactor {
        let detail: JSONValue = ["email_id": .string("email-test-" + email), "email_address": .string(email)]
        return StytchFactor(type, "email", "email_factor", detail, at: call.now)
    }

    /// Leads from one organization's session to another's for the same address; nobody joins by it.
    mutating func exchangeSession(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let name = try call.required("organization_id")
        _ = try duration(call, isRequired: true)
        let source = try session(call)
        guard let from = world.people[source.ownerID] else { throw .of(choices.whenRevoked) }
        let target = try organization(name)
        guard let member = world.member(email: from.memberEmail, in: target.id) else { throw .of("member_not_found") }
        guard primaryRequired(target, source.factors) == nil else {
            throw .of("insufficient_factors_for_session_exchange")
        }
        let payload = try finish(member, Standing(factors: source.factors), adding: nil, call)
        if choices.exchangeEndsSource { world.revoke(source.id) }
        return payload
    }
}
