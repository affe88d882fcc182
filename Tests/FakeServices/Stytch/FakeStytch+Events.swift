package import SessionProtocol

/// Looking into the service, and what happens there without the client.
extension FakeStytch {
    package var codes: [FakeStytchCode] { change { world, _ in world.codes } }
    package var links: [FakeStytchLink] { change { world, _ in world.links } }

    /// The newest code that went there.
    package func code(to address: String) -> String? {
        codes.last { $0.address == address }?.code
    }

    /// The newest magic link's token that went there.
    package func link(to address: String) -> String? {
        links.last { $0.address == address }?.token
    }

    /// What the person's authenticator app shows now.
    package func totpCode(of ownerID: String) -> String? {
        change { world, now in world.people[ownerID]?.totpSecret.map { StytchTOTP.code(secret: $0, at: now) } }
    }

    /// What an app with that secret shows at a time in unix ms.
    package static func totpCode(secret: [UInt8], at milliseconds: Int64) -> String {
        StytchTOTP.code(secret: secret, at: milliseconds)
    }

    /// The id behind an id, a slug or an external id.
    package func organizationID(_ name: String) -> String? {
        change { world, _ in world.organization(name)?.id }
    }

    /// The live ones, in the order of their making.
    package var sessions: [FakeStytchSession] {
        change { world, now in
            world.sessions.values.filter { $0.expiresAt > now }.sorted { $0.id < $1.id }.map(FakeStytchSession.init)
        }
    }

    /// A fresh JWT of a session.
    package func sessionJWT(_ sessionID: String) -> String? {
        jwt(sessionID)
    }

    package func revoke(sessionID: String) {
        change { world, _ in world.revoke(sessionID) }
    }

    package func revokeSessions(of ownerID: String, except kept: String? = nil) {
        change { world, _ in
            for session in world.sessions(of: ownerID) where session.id != kept { world.revoke(session.id) }
        }
    }

    /// A user or a member goes, with all sessions.
    package func delete(_ ownerID: String) {
        revokeSessions(of: ownerID)
        change { world, _ in world.people[ownerID] = nil }
    }

    /// As a reset by email does it: all sessions end.
    package func resetPassword(of ownerID: String, to password: String) {
        change { world, _ in world.people[ownerID]?.password = password }
        revokeSessions(of: ownerID)
    }

    package func moveExpiry(of sessionID: String, to milliseconds: Int64) {
        change { world, _ in world.sessions[sessionID]?.expiresAt = milliseconds }
    }

    /// The next sessions/authenticate gives this session a new token.
    package func rotateTokenOnNextAuthenticate(_ sessionID: String) {
        change { world, _ in world.sessions[sessionID]?.rotatesNext = true }
    }

    package func setCustomClaims(_ claims: [String: JSONValue], of sessionID: String) {
        change { world, _ in world.sessions[sessionID]?.customClaims = claims }
    }

    /// Sets a member of the object of a user, a member, an organization or a session, as a change in the dashboard
    /// does: `name`, `trusted_metadata`, `custom_roles`, `organization_name`, `mfa_policy`, `roles`, `is_locked`.
    /// False where there is no such id.
    @discardableResult
    package func set(_ name: String, to value: JSONValue, of id: String) -> Bool {
        change { world, _ in
            if world.people[id] != nil {
                world.people[id]?.fields[name] = value
            } else if world.organizations[id] != nil {
                world.organizations[id]?.fields[name] = value
            } else if world.sessions[id] != nil {
                world.sessions[id]?.overrides[name] = value
            } else {
                return false
            }
            return true
        }
    }

    /// The object of a user, a member, an organization or a session as the next answer holds it.
    package func object(_ id: String) -> JSONValue? {
        change { world, _ in
            world.people[id]?.json ?? world.organizations[id]?.json ?? world.sessions[id].map(world.json)
        }
    }

    /// Signs with another key from now on. The old one stays in the key set until `retireOldKeys()`.
    package func rotateSigningKey() {
        change { world, _ in world.keys.rotate() }
    }

    package func retireOldKeys() {
        change { world, _ in world.keys.retireOld() }
    }

    /// A JWT with any claims and the project's signature.
    package func sign(_ claims: [String: JSONValue]) -> String {
        change { world, _ in world.keys.sign(claims) }
    }
}
