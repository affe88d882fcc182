import SessionProtocol

extension StytchWorld {
    /// The session as calls answer it.
    func json(_ session: StytchSession) -> JSONValue {
        guard let owner = people[session.ownerID] else { return nil }
        var members: StytchPayload = [
            "roles": .array(owner.roleIDs), "authentication_factors": .array(session.factors.map(\.json)),
            "started_at": .string(StytchTime.text(session.startedAt)),
            "last_accessed_at": .string(StytchTime.text(session.lastAccessedAt)),
            "expires_at": .string(StytchTime.text(session.expiresAt)), "custom_claims": .object(session.customClaims),
        ]
        if let organization = organizations[owner.organizationID] {
            members["member_session_id"] = .string(session.id)
            members["member_id"] = .string(owner.id)
            members["organization_id"] = .string(organization.id)
            members["organization_slug"] = .string(organization.slug)
        } else {
            members["session_id"] = .string(session.id)
            members["user_id"] = .string(owner.id)
            members["attributes"] = ["ip_address": "203.0.113.7", "user_agent": .string(session.userAgent)]
        }
        members.merge(session.overrides) { $1 }
        return .object(members)
    }

    /// A fresh JWT, good for five minutes whatever the session's length.
    mutating func jwt(_ session: StytchSession, projectID: String, choices: FakeStytchChoices, now: Int64) -> String {
        guard let owner = people[session.ownerID], let object = json(session).objectValue else { return "" }
        var claim = object.filter { Self.claimMembers.contains($0.key) }
        claim["id"] = .string(session.id)
        if choices.leavesExpiryOutOfJWT { claim["expires_at"] = nil }
        var claims = session.customClaims
        claims["https://stytch.com/session"] = .object(claim)
        if let organization = organizations[owner.organizationID] {
            claims["https://stytch.com/organization"] = [
                "organization_id": .string(organization.id), "slug": .string(organization.slug),
            ]
        }
        switch choices.issuer {
        case .project: claims["iss"] = .string("stytch.com/\(projectID)")
        case .customDomain(let url): claims["iss"] = .string(url)
        }
        claims["aud"] = [.string(projectID)]
        claims["sub"] = .string(owner.id)
        claims["iat"] = .integer(now / 1000)
        claims["nbf"] = .integer(now / 1000)
        claims["exp"] = .integer(now / 1000 + choices.jwtSeconds)
        claims["jti"] = .string(ids.uuid())
        return keys.sign(claims)
    }

    private static let claimMembers: Set<String> = [
        "started_at", "last_accessed_at", "expires_at", "attributes", "authentication_factors", "roles",
    ]
}
