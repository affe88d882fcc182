import SessionProtocol

/// The paths of a B2B project, without `b2b/`.
extension StytchService {
    /// nil: there is no such call.
    mutating func b2b(_ call: StytchCall, _ path: String) throws(StytchFault) -> StytchPayload? {
        switch (call.verb, path) {
        case ("POST", "sessions/authenticate"): try authenticateSession(call)
        case ("POST", "sessions/revoke"): try revokeSession(call)
        case ("POST", "sessions/exchange"): try exchangeSession(call)
        case ("POST", "sessions/exchange_access_token"): try redeemGrant(call, attesting: false)
        case ("POST", "sessions/attest"): try redeemGrant(call, attesting: true)
        case ("POST", "passwords/authenticate"): try authenticateMemberPassword(call)
        case ("POST", "otps/email/login_or_signup"): try sendMemberCode(call)
        case ("POST", "otps/email/authenticate"): try authenticateMemberCode(call)
        case ("POST", "magic_links/authenticate"): try authenticateMemberLink(call)
        case ("POST", "otps/sms/send"): try sendSecondCode(call)
        case ("POST", "otps/sms/authenticate"): try authenticateSecondCode(call)
        case ("POST", "totp/authenticate"): try authenticateMemberTOTP(call)
        case ("POST", "recovery_codes/recover"): try recoverMember(call)
        default: try discovery(call, path)
        }
    }

    private mutating func discovery(_ call: StytchCall, _ path: String) throws(StytchFault) -> StytchPayload? {
        switch (call.verb, path) {
        case ("POST", "passwords/discovery/authenticate"): try discoverByPassword(call)
        case ("POST", "otps/email/discovery/send"): try sendDiscoveryCode(call)
        case ("POST", "otps/email/discovery/authenticate"): try discoverByCode(call)
        case ("POST", "magic_links/email/discovery/send"): try sendDiscoveryLink(call)
        case ("POST", "magic_links/discovery/authenticate"): try discoverByLink(call)
        case ("POST", "discovery/intermediate_sessions/exchange"): try exchangeIntermediate(call)
        case ("POST", "discovery/organizations/create"): try createOrganization(call)
        default: try b2bReading(call, path)
        }
    }

    private mutating func b2bReading(_ call: StytchCall, _ path: String) throws(StytchFault) -> StytchPayload? {
        if call.mode == .sdk {
            if call.verb == "POST", let id = path.tail(after: "sessions/revoke/") { return try revokeAll(of: id, call) }
            guard call.verb == "GET" else { return nil }
            if path == "organizations/members/me" { return ["member": try person(call).json] }
            guard path == "organizations/me" else { return nil }
            return ["organization": try organization(try person(call).organizationID).json]
        }
        guard call.verb == "GET" else { return nil }
        if path == "sessions" { return try listSessions(call) }
        if path == "rbac/policy" { return policy() }
        if let id = path.tail(after: "sessions/jwks/") { return try keySet(id) }
        if let id = path.tail(after: "rbac/organizations/") { return try organizationPolicy(id) }
        if let id = path.tail(after: "organizations/") { return ["organization": try organization(id).json] }
        guard path.hasSuffix("/member"), let id = String(path.dropLast(7)).tail(after: "organizations/") else {
            return nil
        }
        let organization = try organization(id)
        guard let member = call.query["member_id"].flatMap({ world.people[$0] }),
            member.organizationID == organization.id
        else { throw .of("member_not_found") }
        return ["member_id": .string(member.id), "member": member.json, "organization": organization.json]
    }

    /// Ending all sessions of another member needs the role for it.
    private mutating func revokeAll(of memberID: String, _ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let caller = try person(call)
        guard let member = world.people[memberID], member.organizationID == caller.organizationID else {
            throw .of("member_not_found")
        }
        guard caller.id == memberID || caller.roleIDs.contains("stytch_admin") else { throw .of("unauthorized_action") }
        for session in world.sessions(of: memberID) { world.revoke(session.id) }
        return [:]
    }

    func organization(_ name: String) throws(StytchFault) -> StytchOrganization {
        guard let organization = world.organization(name) else { throw .of("organization_not_found") }
        return organization
    }

    /// The member that a call names by organization and address.
    func memberByEmail(_ call: StytchCall) throws(StytchFault) -> StytchPerson {
        let organization = try organization(try call.required("organization_id"))
        let email = try call.required("email_address")
        guard let member = world.member(email: email, in: organization.id) else { throw .of("member_not_found") }
        return member
    }

    /// The member that a call names by both ids.
    func memberByID(_ call: StytchCall) throws(StytchFault) -> StytchPerson {
        let organization = try organization(try call.required("organization_id"))
        guard let member = world.people[try call.required("member_id")], member.organizationID == organization.id
        else { throw .of("member_not_found") }
        return member
    }
}
