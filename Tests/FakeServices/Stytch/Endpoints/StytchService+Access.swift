import SessionProtocol

/// Roles and what they permit.
extension StytchService {
    /// The answer to `authorization_check` of a server's sessions/authenticate; a refusal is an error.
    func verdict(_ call: StytchCall, _ session: StytchSession) throws(StytchFault) -> JSONValue? {
        guard call.mode == .server, let check = call.body["authorization_check"], check != .null else { return nil }
        let owner = world.people[session.ownerID]
        if project.product == .b2b, check["organization_id"]?.stringValue != owner?.organizationID {
            throw .of("session_authorization_tenancy_error")
        }
        let granting = roles(of: session).filter { role in
            (role["permissions"]?.arrayValue ?? []).contains { permission in
                let actions = permission["actions"]?.arrayValue ?? []
                return permission["resource_id"] == check["resource_id"]
                    && actions.contains { $0 == "*" || $0 == check["action"] }
            }
        }
        guard !granting.isEmpty else {
            throw .of(
                project.product == .b2b ? "session_authorization_error" : "consumer_session_authorization_error")
        }
        return ["authorized": true, "granting_roles": .array(granting.compactMap { $0["role_id"] })]
    }

    /// The roles of the session that the project's policy or the organization knows.
    private func roles(of session: StytchSession) -> [JSONValue] {
        let held = world.json(session)["roles"]?.arrayValue ?? []
        let organization = (world.people[session.ownerID]?.organizationID).flatMap { world.organizations[$0] }
        let known =
            (choices.rbacPolicy?["roles"]?.arrayValue ?? [])
            + (organization?.fields["custom_roles"]?.arrayValue ?? [])
        return known.filter { role in held.contains { $0 == role["role_id"] } }
    }

    func policy() -> StytchPayload {
        ["policy": choices.rbacPolicy ?? ["roles": [], "resources": [], "scopes": []]]
    }

    func organizationPolicy(_ id: String) throws(StytchFault) -> StytchPayload {
        guard let organization = world.organization(id) else { throw .of("organization_not_found") }
        return ["org_policy": ["roles": organization.fields["custom_roles"] ?? []]]
    }

    func bootstrap(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        guard call.verb == "GET" else { throw .of("route_not_found") }
        guard call.path == "projects/bootstrap/\(project.publicToken)" else { throw .of("public_token_not_found") }
        var payload: StytchPayload = [
            "project_name": "Fake", "disable_sdk_watermark": false, "cname_domain": nil, "email_domains": ["*"],
            "captcha_settings": ["enabled": .bool(choices.captcha != .off), "siteKey": ""],
            "pkce_required_for_email_magic_links": false, "pkce_required_for_password_resets": false,
            "pkce_required_for_oauth": false, "pkce_required_for_sso": false, "slug_pattern": nil,
            "create_organization_enabled": true, "dfp_protected_auth_enabled": false,
            "dfp_protected_auth_mode": "OBSERVATION", "password_config": nil,
            "siwe_required_for_crypto_wallets": false,
            "vertical": project.product == .b2b ? "B2B" : "CONSUMER",
        ]
        if let policy = choices.rbacPolicy { payload["rbac_policy"] = policy }
        return payload.merging(choices.bootstrap) { $1 }
    }
}
