import SessionProtocol

/// sessions/…, the same for both products where the sheet has one column for both.
extension StytchService {
    mutating func authenticateSession(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        if call.mode == .sdk, let stranger = call.body.keys.first(where: { $0 != "session_duration_minutes" }) {
            throw .schema(
                keyword: "additionalProperties", member: stranger, message: "should NOT have additional properties")
        }
        let minutes = try duration(call, isRequired: false)
        var session = try session(call)
        let verdict = try verdict(call, session)
        session.lastAccessedAt = call.now
        if let minutes { session.expiresAt = call.now + minutes * 60_000 }
        applyClaims(call, to: &session)
        world.keep(session)
        if choices.rotatesTokens || session.rotatesNext {
            world.rotate(&session, keepingOld: choices.keepsRotatedTokens)
        }
        var payload = payload(session, call)
        if let verdict { payload["verdict"] = verdict }
        return payload
    }

    mutating func revokeSession(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        guard call.mode == .server else {
            world.revoke(try session(call).id)
            return [:]
        }
        let isB2B = project.product == .b2b
        let names =
            ["session_token", "session_jwt", isB2B ? "member_session_id" : "session_id"] + (isB2B ? ["member_id"] : [])
        let sent = names.filter { call.optional($0) != nil }
        guard let name = sent.first else { throw .of("no_session_arguments") }
        guard sent.count == 1 else { throw .of("too_many_session_arguments") }
        switch name {
        case "session_token", "session_jwt":
            world.revoke(try session(call).id)
        case "member_id":
            let id = try call.required(name)
            guard world.people[id] != nil else { throw .of("member_not_found") }
            for session in world.sessions(of: id) { world.revoke(session.id) }
        default:
            world.revoke(try session(id: try call.required(name), call).id)
        }
        return [:]
    }

    /// exchange_access_token and attest.
    mutating func redeemGrant(_ call: StytchCall, attesting: Bool) throws(StytchFault) -> StytchPayload {
        let profile = attesting ? try call.required("profile_id") : nil
        let token = try call.required(attesting ? "token" : "access_token")
        let minutes = try duration(call, isRequired: !attesting)
        guard let grant = world.grants[token], let factor = factor(of: grant, profile, at: call.now) else {
            throw .of("unauthorized_credentials", "The token cannot be exchanged.")
        }
        var session = world.open(owner: grant.ownerID, factors: [factor], minutes: minutes ?? 60, call: call)
        applyClaims(call, to: &session)
        world.keep(session)
        var payload = payload(session, call)
        if attesting { payload[project.product == .b2b ? "member_id" : "user_id"] = .string(grant.ownerID) }
        return payload
    }

    private func factor(of grant: StytchWorld.Grant, _ profile: String?, at now: Int64) -> StytchFactor? {
        switch grant.kind {
        case .accessToken(let clientID):
            guard profile == nil else { return nil }
            return StytchFactor(
                "oauth", "oauth_access_token_exchange", "oauth_access_token_exchange_factor",
                ["client_id": .string(clientID)], at: now)
        case .trustedToken(let id):
            guard profile == id else { return nil }
            return StytchFactor(
                "trusted_auth_token", "trusted_token_exchange", "trusted_auth_token_factor",
                ["token_id": .string(id)], at: now)
        }
    }

    /// GET sessions of server mode.
    func listSessions(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let name = project.product == .b2b ? "member_id" : "user_id"
        guard let id = call.query[name] else { throw .missing(name) }
        guard let person = world.people[id] else {
            throw .of(project.product == .b2b ? "member_not_found" : "user_not_found")
        }
        if project.product == .b2b, call.query["organization_id"] != person.organizationID {
            throw .of("organization_not_found")
        }
        let live = world.sessions(of: id).filter { $0.expiresAt > call.now }.map(world.json)
        return [project.product == .b2b ? "member_sessions" : "sessions": .array(live)]
    }

    func keySet(_ projectID: String) throws(StytchFault) -> StytchPayload {
        guard projectID == project.projectID else { throw .of("project_not_found") }
        return world.keys.jwks
    }
}
