import SessionProtocol

/// A member's second factors: they need an intermediate token or a live session to be added to.
extension StytchService {
    mutating func sendSecondCode(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        var member = try memberByID(call)
        _ = try began(member, call)
        let known = member.fields["mfa_phone_number"]?.stringValue ?? ""
        let phone = known.isEmpty ? try call.required("mfa_phone_number") : known
        member.fields["mfa_phone_number"] = .string(phone)
        world.people[member.id] = member
        world.send(
            .sms, to: phone, methodID: member.id, owner: member.id, expiresAt: call.now + StytchWorld.codeLifetime)
        return [
            "member_id": .string(member.id), "member": member.json,
            "organization": try organization(member.organizationID).json,
        ]
    }

    mutating func authenticateSecondCode(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let code = try call.required("code")
        _ = try duration(call, isRequired: true)
        var member = try memberByID(call)
        let standing = try began(member, call)
        guard let sent = world.take(code, at: call.now, where: { $0.channel == .sms && $0.ownerID == member.id })
        else { throw .of("unable_to_auth_otp_code") }
        member.fields["mfa_phone_number_verified"] = true
        switch call.optional("set_mfa_enrollment") {
        case nil: break
        case "enroll": member.fields["mfa_enrolled"] = true
        case "unenroll": member.fields["mfa_enrolled"] = false
        default:
            throw .schema(keyword: "enum", member: "set_mfa_enrollment", message: "should be enroll or unenroll")
        }
        world.people[member.id] = member
        let detail: JSONValue = [
            "phone_id": .string("phone-number-test-" + member.id), "phone_number": .string(sent.address),
        ]
        let factor = StytchFactor("otp", "sms", "phone_number_factor", detail, at: call.now)
        return try finish(member, standing, adding: factor, call)
    }

    mutating func authenticateMemberTOTP(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let code = try call.required("code")
        _ = try duration(call, isRequired: true)
        let member = try memberByID(call)
        let standing = try began(member, call)
        guard let secret = member.totpSecret, StytchTOTP.accepts(code, secret: secret, at: call.now) else {
            throw .of("unable_to_auth_totp_code")
        }
        let detail: JSONValue = ["totp_id": member.fields["totp_registration_id"] ?? .null]
        let factor = StytchFactor("totp", "authenticator_app", "authenticator_app_factor", detail, at: call.now)
        return try finish(member, standing, adding: factor, call)
    }

    mutating func recoverMember(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let code = try call.required("recovery_code")
        _ = try duration(call, isRequired: true)
        var member = try memberByID(call)
        let standing = try began(member, call)
        guard let index = member.recoveryCodes.firstIndex(of: code) else { throw .of("unable_to_auth_recovery_code") }
        member.recoveryCodes.remove(at: index)
        world.people[member.id] = member
        let detail: JSONValue = ["totp_recovery_code_id": .string(world.ids.id("totp-recovery-code"))]
        let factor = StytchFactor("recovery_codes", "recovery_code", "recovery_code_factor", detail, at: call.now)
        var payload = try finish(member, standing, adding: factor, call)
        payload["recovery_codes_remaining"] = .integer(Int64(member.recoveryCodes.count))
        return payload
    }

    /// A second factor alone signs nobody in.
    private func began(_ member: StytchPerson, _ call: StytchCall) throws(StytchFault) -> Standing {
        let standing = try standing(member, call)
        guard standing.session != nil || standing.intermediate != nil else {
            throw call.mode == .sdk ? .of(choices.whenAnonymous) : .of("no_session_arguments")
        }
        return standing
    }
}
