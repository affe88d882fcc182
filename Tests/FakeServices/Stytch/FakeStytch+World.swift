package import SessionProtocol

/// Filling the world.
extension FakeStytch {
    /// The user's id.
    @discardableResult
    package func addUser(
        email: String? = nil, phone: String? = nil, password: String? = nil, totp: Bool = false,
        recoveryCodes: [String] = [], isVerified: Bool = true
    ) -> String {
        change { world, now in
            world.addUser(
                email: email, phone: phone, password: password, totp: totp, recoveryCodes: recoveryCodes,
                isVerified: isVerified, now: now
            ).id
        }
    }

    /// The organization's id.
    @discardableResult
    package func addOrganization(
        name: String = "Acme", slug: String = "acme", requiresMFA: Bool = false, allowedMethods: [String]? = nil,
        joiningDomains: [String] = [], customRoles: JSONValue = []
    ) -> String {
        change { world, now in
            var organization = world.addOrganization(name: name, slug: slug, now: now)
            if requiresMFA { organization.fields["mfa_policy"] = "REQUIRED_FOR_ALL" }
            if let allowedMethods {
                organization.fields["auth_methods"] = "RESTRICTED"
                organization.fields["allowed_auth_methods"] = .array(allowedMethods.map(JSONValue.string))
            }
            if !joiningDomains.isEmpty {
                organization.fields["email_jit_provisioning"] = "RESTRICTED"
                organization.fields["email_allowed_domains"] = .array(joiningDomains.map(JSONValue.string))
            }
            organization.fields["custom_roles"] = customRoles
            world.organizations[organization.id] = organization
            return organization.id
        }
    }

    /// The member's id. `isEnrolled`: has to show a second factor though the organization does not ask for it.
    @discardableResult
    package func addMember(
        of organizationID: String, email: String, password: String? = nil, phone: String? = nil, totp: Bool = false,
        recoveryCodes: [String] = [], isEnrolled: Bool = false, roles: [String] = ["stytch_member"]
    ) -> String {
        change { world, now in
            world.addMember(
                of: organizationID, email: email, password: password, phone: phone, totp: totp,
                recoveryCodes: recoveryCodes, isEnrolled: isEnrolled, roles: roles, now: now
            ).id
        }
    }

    /// A token that sessions/exchange_access_token or sessions/attest takes.
    package func addGrant(_ kind: FakeStytchGrantKind, for ownerID: String) -> String {
        change { world, _ in
            let token = world.ids.token()
            world.grants[token] = StytchWorld.Grant(kind: kind, ownerID: ownerID)
            return token
        }
    }

    /// Sends a member (or, without an id, an address in discovery) a magic link, as some app has asked for it.
    @discardableResult
    package func sendLink(to address: String, ownerID: String?, challenge: String? = nil) -> String {
        change { world, now in
            world.sendLink(to: address, methodID: ownerID ?? "", owner: ownerID, challenge: challenge, now: now)
            return world.links[world.links.count - 1].token
        }
    }

    /// A session that was made elsewhere, with a password.
    package func openSession(of ownerID: String, minutes: Int64 = 60) -> FakeStytchSession {
        change { world, now in
            let call = StytchCall(
                mode: .server, verb: "POST", path: "", query: [:], body: [:], bearer: nil, userAgent: "elsewhere/1",
                now: now)
            let factor = StytchFactor("password", "knowledge", at: now)
            return FakeStytchSession(
                world.open(owner: ownerID, factors: [factor], minutes: minutes, call: call))
        }
    }
}

/// A session as the service holds it. Times are unix ms.
package struct FakeStytchSession: Sendable, Hashable {
    package var id: String
    package var ownerID: String
    package var token: String
    package var startedAt: Int64
    package var lastAccessedAt: Int64
    package var expiresAt: Int64
    /// The factors' types, in the order in which they came.
    package var factors: [String]

    init(_ session: StytchSession) {
        id = session.id
        ownerID = session.ownerID
        token = session.token
        startedAt = session.startedAt
        lastAccessedAt = session.lastAccessedAt
        expiresAt = session.expiresAt
        factors = session.factors.map(\.type)
    }
}
