import SessionProtocol

/// How a member's sign-in ends: with a session, or with an intermediate token and what is still missing.
extension StytchService {
    /// What a sign-in has so far, before the newest factor.
    struct Standing {
        var session: StytchSession?
        var intermediate: String?
        var factors: [StytchFactor] = []
    }

    /// The intermediate token in the body, else the live session of the same member in the Authorization header.
    func standing(_ member: StytchPerson, _ call: StytchCall) throws(StytchFault) -> Standing {
        if let token = call.optional("intermediate_session_token") {
            let intermediate = try intermediate(token, call)
            guard intermediate.memberID ?? member.id == member.id, intermediate.email == member.memberEmail else {
                throw .of("invalid_intermediate_session_token_for_organization")
            }
            return Standing(intermediate: token, factors: intermediate.factors)
        }
        guard let session = try stepUp(call), session.ownerID == member.id else { return Standing() }
        return Standing(session: session, factors: session.factors)
    }

    func intermediate(_ token: String, _ call: StytchCall) throws(StytchFault) -> StytchWorld.Intermediate {
        guard let intermediate = world.intermediates[token], intermediate.expiresAt > call.now else {
            throw .of("intermediate_session_not_found")
        }
        return intermediate
    }

    mutating func finish(
        _ member: StytchPerson, _ standing: Standing, adding factor: StytchFactor?, _ call: StytchCall
    ) throws(StytchFault) -> StytchPayload {
        let minutes = try duration(call, isRequired: true)
        let organization = try organization(member.organizationID)
        var factors = standing.factors
        if let factor { factors.add(factor) }
        if let token = standing.intermediate { world.intermediates[token] = nil }
        var payload: StytchPayload = [
            "member_id": .string(member.id), "organization_id": .string(organization.id), "member": member.json,
            "organization": organization.json, "mfa_required": nil, "primary_required": nil,
        ]
        let primary = primaryRequired(organization, factors)
        let second = primary == nil ? mfaRequired(member, organization, factors, call) : nil
        if primary != nil || second != nil {
            payload["primary_required"] = primary ?? .null
            payload["mfa_required"] = second ?? .null
            payload.merge(unfinished(member, factors, call)) { $1 }
            return payload
        }
        var session: StytchSession
        if let live = standing.session {
            session = live
            session.factors = factors
            session.lastAccessedAt = call.now
            if let minutes { session.expiresAt = call.now + minutes * 60_000 }
        } else {
            session = world.open(owner: member.id, factors: factors, minutes: minutes ?? 60, call: call)
        }
        applyClaims(call, to: &session)
        world.keep(session)
        payload.merge(self.payload(session, call)) { $1 }
        payload["member_authenticated"] = true
        payload["intermediate_session_token"] = ""
        return payload
    }

    private mutating func unfinished(
        _ member: StytchPerson, _ factors: [StytchFactor], _ call: StytchCall
    ) -> StytchPayload {
        let expiresAt = call.now + StytchWorld.intermediateLifetime
        let token = world.ids.token()
        world.intermediates[token] = StytchWorld.Intermediate(
            memberID: member.id, email: member.memberEmail, factors: factors, expiresAt: expiresAt)
        var payload: StytchPayload = [
            "member_authenticated": false, "session_token": "", "session_jwt": "", "member_session": nil,
            "intermediate_session_token": .string(token),
        ]
        if call.mode == .server {
            payload["intermediate_session_token_expires_at"] = .string(StytchTime.text(expiresAt))
        }
        return payload
    }

    /// Whether the organization takes none of the methods used so far.
    func primaryRequired(_ organization: StytchOrganization, _ factors: [StytchFactor]) -> JSONValue? {
        guard let allowed = organization.allowedMethods,
            !factors.contains(where: { !$0.isSecond && allowed.contains($0.method) })
        else { return nil }
        return ["allowed_auth_methods": .array(allowed)]
    }

    private mutating func mfaRequired(
        _ member: StytchPerson, _ organization: StytchOrganization, _ factors: [StytchFactor], _ call: StytchCall
    ) -> JSONValue? {
        let isNeeded = organization.requiresSecondFactor || member.fields["mfa_enrolled"] == true
        guard isNeeded, !factors.contains(where: \.isSecond) else { return nil }
        let phone = member.fields["mfa_phone_number"]?.stringValue ?? ""
        let totp = member.fields["totp_registration_id"]?.stringValue ?? ""
        let sendsNow = choices.sendsSecondCodeAtOnce && !phone.isEmpty
        if sendsNow {
            world.send(
                .sms, to: phone, methodID: member.id, owner: member.id, expiresAt: call.now + StytchWorld.codeLifetime)
        }
        let options: JSONValue =
            phone.isEmpty && totp.isEmpty
            ? nil : ["mfa_phone_number": .string(phone), "totp_registration_id": .string(totp)]
        return ["member_options": options, "secondary_auth_initiated": sendsNow ? "sms_otp" : nil]
    }
}
