import SessionProtocol

/// A user or a member, with what the service knows and does not tell.
struct StytchPerson {
    var id: String
    /// The object as calls answer it, whole.
    var fields: StytchPayload
    var password: String?
    var totpSecret: [UInt8]?
    var recoveryCodes: [String] = []

    var json: JSONValue { .object(fields) }
    var isLocked: Bool { fields["is_locked"] == true }
    /// Of a member.
    var organizationID: String { fields["organization_id"]?.stringValue ?? "" }
    var memberEmail: String { fields["email_address"]?.stringValue ?? "" }

    /// The user's entry for an address, in `emails` or `phone_numbers`.
    func entry(_ list: String, _ member: String, _ value: String) -> JSONValue? {
        fields[list]?.arrayValue?.first { $0[member]?.stringValue == value }
    }

    /// Marks the entry as verified and says whether it was not before.
    mutating func verify(_ list: String, _ member: String, _ value: String) -> Bool {
        var entries = fields[list]?.arrayValue ?? []
        guard let index = entries.firstIndex(where: { $0[member]?.stringValue == value }),
            var entry = entries[index].objectValue, entry["verified"] != true
        else { return false }
        entry["verified"] = true
        entries[index] = .object(entry)
        fields[list] = .array(entries)
        return true
    }

    static func user(id: String, createdAt: String) -> StytchPerson {
        StytchPerson(
            id: id,
            fields: [
                "user_id": .string(id), "status": "active", "emails": [], "phone_numbers": [],
                "webauthn_registrations": [], "providers": [], "totps": [], "crypto_wallets": [],
                "biometric_registrations": [], "is_locked": false, "roles": ["stytch_user"],
                "name": ["first_name": "", "middle_name": "", "last_name": ""],
                "created_at": .string(createdAt), "password": nil, "trusted_metadata": [:], "untrusted_metadata": [:],
            ])
    }

    static func member(id: String, organizationID: String, email: String, createdAt: String) -> StytchPerson {
        StytchPerson(
            id: id,
            fields: [
                "organization_id": .string(organizationID), "member_id": .string(id), "email_address": .string(email),
                "status": "active", "name": "", "sso_registrations": [], "oauth_registrations": [],
                "is_breakglass": false, "member_password_id": "", "email_address_verified": true,
                "mfa_enrolled": false, "mfa_phone_number": "", "mfa_phone_number_verified": false,
                "default_mfa_method": "", "totp_registration_id": "", "is_admin": false, "is_locked": false,
                "retired_email_addresses": [], "roles": [role("stytch_member")], "trusted_metadata": [:],
                "untrusted_metadata": [:], "created_at": .string(createdAt), "updated_at": .string(createdAt),
            ])
    }

    static func role(_ id: String) -> JSONValue {
        ["role_id": .string(id), "sources": [["type": "direct_assignment", "details": [:]]]]
    }

    /// Role ids as a session has them: a user's roles are strings, a member's are objects.
    var roleIDs: [JSONValue] {
        (fields["roles"]?.arrayValue ?? []).map { $0["role_id"] ?? $0 }
    }
}
