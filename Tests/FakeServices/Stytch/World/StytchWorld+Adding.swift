import SessionProtocol

extension StytchWorld {
    @discardableResult
    mutating func addUser(
        email: String? = nil, phone: String? = nil, password: String? = nil, totp: Bool = false,
        recoveryCodes: [String] = [], isVerified: Bool = true, now: Int64
    ) -> StytchPerson {
        var user = StytchPerson.user(id: ids.id("user"), createdAt: StytchTime.text(now))
        if let email {
            user.fields["emails"] = [
                ["email_id": .string(ids.id("email")), "email": .string(email), "verified": .bool(isVerified)]
            ]
        }
        if let phone {
            user.fields["phone_numbers"] = [
                [
                    "phone_id": .string(ids.id("phone-number")), "phone_number": .string(phone),
                    "verified": .bool(isVerified),
                ]
            ]
        }
        if password != nil {
            user.fields["password"] = ["password_id": .string(ids.id("password")), "requires_reset": false]
        }
        if totp {
            user.totpSecret = Array(ids.token().utf8.prefix(20))
            user.fields["totps"] = [["totp_id": .string(ids.id("totp")), "verified": true]]
        }
        user.password = password
        user.recoveryCodes = recoveryCodes
        people[user.id] = user
        return user
    }

    mutating func addOrganization(name: String, slug: String, now: Int64) -> StytchOrganization {
        let organization = StytchOrganization(
            id: ids.id("organization"), name: name, slug: slug, createdAt: StytchTime.text(now))
        organizations[organization.id] = organization
        return organization
    }

    @discardableResult
    mutating func addMember(
        of organizationID: String, email: String, password: String? = nil, phone: String? = nil, totp: Bool = false,
        recoveryCodes: [String] = [], isEnrolled: Bool = false, roles: [String] = ["stytch_member"], now: Int64
    ) -> StytchPerson {
        var member = StytchPerson.member(
            id: ids.id("member"), organizationID: organizationID, email: email, createdAt: StytchTime.text(now))
        if password != nil { member.fields["member_password_id"] = .string(ids.id("password")) }
        if let phone {
            member.fields["mfa_phone_number"] = .string(phone)
            member.fields["mfa_phone_number_verified"] = true
            member.fields["default_mfa_method"] = "sms_otp"
        }
        if totp {
            member.totpSecret = Array(ids.token().utf8.prefix(20))
            member.fields["totp_registration_id"] = .string(ids.id("totp"))
            if phone == nil { member.fields["default_mfa_method"] = "totp" }
        }
        member.fields["mfa_enrolled"] = .bool(isEnrolled)
        member.fields["roles"] = .array(roles.map(StytchPerson.role))
        member.fields["is_admin"] = .bool(roles.contains("stytch_admin"))
        member.password = password
        member.recoveryCodes = recoveryCodes
        people[member.id] = member
        return member
    }
}
