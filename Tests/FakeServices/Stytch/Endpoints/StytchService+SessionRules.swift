import SessionProtocol

extension StytchService {
    /// The length asked for. SDK calls that sign in must name one.
    func duration(_ call: StytchCall, isRequired: Bool) throws(StytchFault) -> Int64? {
        guard let minutes = try call.minutes("session_duration_minutes") else {
            if isRequired, call.mode == .sdk { throw .missing("session_duration_minutes") }
            return nil
        }
        guard (5...527_040).contains(minutes) else { throw .of("invalid_session_duration_minutes") }
        guard call.mode == .server || minutes <= choices.maximumSessionMinutes else {
            throw .of("invalid_session_duration")
        }
        return minutes
    }

    /// The session that a sessions call is about: the Authorization header's in SDK mode, the body's in server mode.
    func session(_ call: StytchCall) throws(StytchFault) -> StytchSession {
        if call.mode == .sdk {
            guard let bearer = call.bearer else { throw .of(choices.whenAnonymous) }
            return try session(token: bearer, call)
        }
        switch (call.optional("session_token"), call.optional("session_jwt")) {
        case (nil, nil): throw .of("no_session_arguments")
        case (.some, .some): throw .of("too_many_session_arguments")
        case (let token?, nil): return try session(token: token, call)
        case (nil, let jwt?):
            guard let claims = world.keys.claims(jwt) else { throw .of("unable_to_parse_session_jwt") }
            return try session(id: claims["https://stytch.com/session"]?["id"]?.stringValue ?? "", call)
        }
    }

    private func session(token: String, _ call: StytchCall) throws(StytchFault) -> StytchSession {
        try session(id: world.tokens[token] ?? "", call)
    }

    /// In server mode `unauthorized_credentials` is about the project's secret, so a dead session is always not found.
    func session(id: String, _ call: StytchCall) throws(StytchFault) -> StytchSession {
        guard let session = world.sessions[id] else {
            throw .of(call.mode == .sdk ? choices.whenRevoked : "session_not_found")
        }
        guard session.expiresAt > call.now else {
            throw .of(call.mode == .sdk ? choices.whenExpired : "session_not_found")
        }
        return session
    }

    /// The live session that a login call adds its factor to, if it was sent with one.
    func stepUp(_ call: StytchCall) throws(StytchFault) -> StytchSession? {
        let isSent =
            call.mode == .sdk
            ? call.bearer != nil : call.optional("session_token") != nil || call.optional("session_jwt") != nil
        guard isSent else { return nil }
        do throws(StytchFault) {
            return try session(call)
        } catch {
            if choices.refusesDeadTokenAtLogin || call.mode == .server { throw error }
            return nil
        }
    }

    /// `session`, both tokens and the person, with a fresh JWT: what every call answers that ends with a session.
    mutating func payload(_ session: StytchSession, _ call: StytchCall) -> StytchPayload {
        var payload: StytchPayload = [
            "session_token": .string(session.token),
            "session_jwt": .string(
                world.jwt(session, projectID: project.projectID, choices: choices, now: call.now)),
        ]
        let owner = world.people[session.ownerID]
        switch project.product {
        case .consumer:
            payload["session"] = world.json(session)
            payload["user"] = owner?.json ?? .null
        case .b2b:
            payload["member_session"] = world.json(session)
            payload["member"] = owner?.json ?? .null
            payload["organization"] = owner.flatMap { world.organizations[$0.organizationID]?.json } ?? .null
        }
        return payload
    }

    /// `session_custom_claims` of server calls: null takes a claim away.
    func applyClaims(_ call: StytchCall, to session: inout StytchSession) {
        guard call.mode == .server, let claims = call.body["session_custom_claims"]?.objectValue else { return }
        for (name, value) in claims { session.customClaims[name] = value == .null ? JSONValue?.none : value }
    }
}
