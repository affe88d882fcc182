import SessionProtocol

/// Signing in before the organization is known.
extension StytchService {
    mutating func discoverByPassword(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let email = try call.required("email_address")
        let password = try call.required("password")
        let members = world.people.values.filter { $0.memberEmail == email }
        guard members.contains(where: { $0.password == password }) else {
            throw .of("unauthorized_credentials", "Unauthorized credentials.")
        }
        return discovered(email, StytchFactor("password", "knowledge", at: call.now), call)
    }

    mutating func sendDiscoveryCode(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let email = try call.required("email_address")
        world.send(.email, to: email, methodID: "", owner: nil, expiresAt: call.now + StytchWorld.codeLifetime)
        return [:]
    }

    mutating func discoverByCode(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let email = try call.required("email_address")
        let code = try call.required("code")
        let sent = world.take(code, at: call.now) { $0.ownerID == nil && $0.address == email }
        guard sent != nil else { throw .of("unable_to_auth_otp_code") }
        return discovered(email, emailFactor("email_otp", email, call), call)
    }

    mutating func sendDiscoveryLink(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let email = try call.required("email_address")
        world.sendLink(
            to: email, methodID: "", owner: nil, challenge: call.optional("pkce_code_challenge"), now: call.now)
        return [:]
    }

    mutating func discoverByLink(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let token = try call.required("discovery_magic_links_token")
        let link = try takeLink(token, verifier: call.optional("pkce_code_verifier"), call)
        guard link.ownerID == nil else { throw .of("unable_to_auth_magic_link") }
        return discovered(link.address, emailFactor("magic_link", link.address, call), call)
    }

    private mutating func discovered(_ email: String, _ factor: StytchFactor, _ call: StytchCall) -> StytchPayload {
        let token = world.ids.token()
        let expiresAt = call.now + StytchWorld.intermediateLifetime
        world.intermediates[token] = StytchWorld.Intermediate(
            memberID: nil, email: email, factors: [factor], expiresAt: expiresAt)
        var payload: StytchPayload = [
            "intermediate_session_token": .string(token), "email_address": .string(email),
            "discovered_organizations": .array(organizations(for: email, [factor])),
        ]
        if call.mode == .server {
            payload["intermediate_session_token_expires_at"] = .string(StytchTime.text(expiresAt))
        }
        return payload
    }

    /// Those that the address belongs to, and those that it may join.
    private func organizations(for email: String, _ factors: [StytchFactor]) -> [JSONValue] {
        world.organizations.values.sorted { $0.id < $1.id }.compactMap { organization in
            let member = world.member(email: email, in: organization.id)
            guard member != nil || organization.lets(email: email) else { return nil }
            let needsSecond = organization.requiresSecondFactor || member?.fields["mfa_enrolled"] == true
            let primary = primaryRequired(organization, factors)
            return [
                "organization": organization.json,
                "membership": [
                    "type": member == nil ? "eligible_to_join_by_email_domain" : "active_member", "details": nil,
                    "member": member?.json ?? .null,
                ],
                "member_authenticated": .bool(member != nil && !needsSecond && primary == nil),
                "primary_required": primary ?? .null, "mfa_required": nil,
            ]
        }
    }

    mutating func exchangeIntermediate(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let intermediate = try intermediate(try call.required("intermediate_session_token"), call)
        let name = try call.required("organization_id")
        _ = try duration(call, isRequired: true)
        let organization = try organization(name)
        let found = world.member(email: intermediate.email, in: organization.id)
        guard found != nil || organization.lets(email: intermediate.email) else { throw .of("member_not_found") }
        let member = found ?? world.addMember(of: organization.id, email: intermediate.email, now: call.now)
        return try finish(member, try standing(member, call), adding: nil, call)
    }

    mutating func createOrganization(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let intermediate = try intermediate(try call.required("intermediate_session_token"), call)
        _ = try duration(call, isRequired: true)
        let name = call.optional("organization_name") ?? "\(intermediate.email)'s organization"
        let slug = call.optional("organization_slug") ?? "organization-\(world.organizations.count + 1)"
        guard world.organization(slug) == nil else { throw .of("organization_slug_already_used") }
        let organization = world.addOrganization(name: name, slug: slug, now: call.now)
        let member = world.addMember(
            of: organization.id, email: intermediate.email, roles: ["stytch_member", "stytch_admin"], now: call.now)
        return try finish(member, try standing(member, call), adding: nil, call)
    }
}
