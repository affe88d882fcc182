import SessionCore
import SessionProtocol

/// The challenge that a B2B answer leads to which brings an intermediate session instead of a session.
struct IntermediateSession: Sendable {
    let payload: StytchPayload
    let now: Int64

    /// nil where the payload holds no intermediate session.
    var step: StytchStep? {
        guard let token = payload.intermediateSessionToken?.reveal() else { return nil }
        let data = payload.data
        let endsAt = payload.intermediateEnd(now: now)
        if let organizations = data["discovered_organizations"]?.arrayValue {
            let choices = organizations.compactMap(Self.choice)
            guard !choices.isEmpty else {
                return .outcome(.rejected(reason: "organization_not_found"))
            }
            return .challenge(
                "organization", endsAt: endsAt, ["organizations": .array(choices)], ["intermediate": token])
        }
        let member = payload.object("member")
        var continuation: [String: String?] = [
            "intermediate": token,
            "organizationID": data.text("organization_id") ?? payload.object("organization")?.text("organization_id")
                ?? member?.text("organization_id"),
            "memberID": data.text("member_id") ?? member?.text("member_id"),
            "email": member?.text("email_address"),
        ]
        if let primary = payload.object("primary_required") {
            let allowed = primary["allowed_auth_methods"]?.arrayValue?.filter { $0.stringValue != nil } ?? []
            return .challenge("primary", endsAt: endsAt, ["methods": .array(allowed)], continuation)
        }
        let wanted = payload.object("mfa_required")
        let options = wanted?["member_options"]
        let phone = options?.text("mfa_phone_number") ?? member?.text("mfa_phone_number")
        continuation["phone"] = phone
        var details: [String: JSONValue] = ["methods": .array(methods(options, member).map(JSONValue.string))]
        if wanted?.text("secondary_auth_initiated") == "sms_otp" {
            details["sentTo"] = .string(MaskedAddress.phone(phone ?? ""))
        }
        return .challenge("mfa", endsAt: endsAt, details, continuation)
    }

    /// What the member has set up; where that is nothing, the phone, which can be set up on the way, as far as the
    /// organization allows it.
    private func methods(_ options: JSONValue?, _ member: JSONValue?) -> [String] {
        var methods: [String] = []
        func isSet(_ name: String) -> Bool { options?.text(name) != nil || member?.text(name) != nil }
        if isSet("mfa_phone_number") { methods.append("sms_otp") }
        if isSet("totp_registration_id") { methods += ["totp", "recovery_code"] }
        guard methods.isEmpty else { return methods }
        let organization = payload.object("organization")
        guard organization?.text("mfa_methods") == "RESTRICTED" else { return ["sms_otp"] }
        let allowed = organization?["allowed_mfa_methods"]?.arrayValue?.compactMap(\.stringValue) ?? []
        return allowed.contains("sms_otp") ? ["sms_otp"] : SecondFactor.methods.filter { allowed.contains($0) }
    }

    private static func choice(_ discovered: JSONValue) -> JSONValue? {
        guard let organization = discovered["organization"], let id = organization.text("organization_id") else {
            return nil
        }
        return [
            "id": .string(id), "name": JSONValue(organization.text("organization_name")),
            "slug": JSONValue(organization.text("organization_slug")), "mfaRequired": .bool(wantsSecond(discovered)),
        ]
    }

    /// Where Stytch does not say it in so many words, the organization's policy and the member's own choice do.
    private static func wantsSecond(_ discovered: JSONValue) -> Bool {
        if let told = discovered["mfa_required"], told != .null { return told != .bool(false) }
        return discovered["organization"]?.text("mfa_policy") == "REQUIRED_FOR_ALL"
            || discovered["membership"]?["member"]?["mfa_enrolled"] == true
    }
}
