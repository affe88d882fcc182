import SessionProtocol

/// An organization; what its policy says is read from the same fields that calls answer.
struct StytchOrganization {
    var id: String
    var fields: StytchPayload

    var json: JSONValue { .object(fields) }
    var slug: String { fields["organization_slug"]?.stringValue ?? "" }
    var requiresSecondFactor: Bool { fields["mfa_policy"] == "REQUIRED_FOR_ALL" }

    /// nil: all of them.
    var allowedMethods: [JSONValue]? {
        fields["auth_methods"] == "RESTRICTED" ? fields["allowed_auth_methods"]?.arrayValue ?? [] : nil
    }

    /// Whether somebody with this address may join by signing in.
    func lets(email: String) -> Bool {
        let domain = email.split(separator: "@").last.map { JSONValue.string(String($0)) }
        let domains = fields["email_allowed_domains"]?.arrayValue ?? []
        return fields["email_jit_provisioning"] == "RESTRICTED" && domains.contains { $0 == domain }
    }

    /// Organizations are found by id, by slug and by external id.
    func answers(to name: String) -> Bool {
        name == id || name == slug || fields["organization_external_id"]?.stringValue == name
    }

    init(id: String, name: String, slug: String, createdAt: String) {
        self.id = id
        fields = [
            "organization_id": .string(id), "organization_name": .string(name), "organization_logo_url": "",
            "organization_slug": .string(slug), "sso_jit_provisioning": "NOT_ALLOWED",
            "sso_jit_provisioning_allowed_connections": [], "sso_active_connections": [],
            "email_allowed_domains": [], "email_jit_provisioning": "NOT_ALLOWED", "email_invites": "ALL_ALLOWED",
            "auth_methods": "ALL_ALLOWED", "allowed_auth_methods": [], "mfa_policy": "OPTIONAL",
            "rbac_email_implicit_role_assignments": [], "mfa_methods": "ALL_ALLOWED", "allowed_mfa_methods": [],
            "oauth_tenant_jit_provisioning": "NOT_ALLOWED", "claimed_email_domains": [],
            "first_party_connected_apps_allowed_type": "ALL_ALLOWED", "allowed_first_party_connected_apps": [],
            "third_party_connected_apps_allowed_type": "ALL_ALLOWED", "allowed_third_party_connected_apps": [],
            "custom_roles": [], "trusted_metadata": [:], "created_at": .string(createdAt),
            "updated_at": .string(createdAt),
        ]
    }
}
