import SessionCore
import SessionProtocol

/// Asks whether a session lives: the user's row, and where that cannot be had, the list of sessions, which needs no user
/// model. So trouble with the app's database is told from the end of a session.
struct AgnostHeartbeat: Sendable {
    let channel: AgnostChannel

    func validate(_ session: ProviderSession) async -> ProviderOutcome {
        guard let token = session.tokens.sessionToken else { return .sessionRequired }
        let start = ContinuousClock.now
        let answer = await channel.ask(.get("user", session: token))
        if case .success(let json) = answer {
            guard let user = AgnostPayload.user(json, of: token) else { return .unreachable() }
            var objects: [String: JSONValue?] = ["user": user]
            let isMissing = session.objects["session"] == nil
            if isMissing, channel.canWait(after: .now - start) {
                // The service's word about a session that was handed in as a token alone.
                objects["session"] = await listed(token).map(JSONValue?.some)
            }
            return .confirmed(.agnost(token, objects.merging(held(session)) { found, _ in found }))
        }
        guard answer.mayBeOfUserModel else { return AgnostVerdict.sessionOutcome(answer) }
        return await withoutUser(session, token, after: AgnostVerdict.failure(answer))
    }

    /// The session's word where the user's row cannot be had: what an administrator must mend is told all the same.
    private func withoutUser(
        _ session: ProviderSession, _ token: Secret, after failure: AgnostVerdict.Failure
    ) async -> ProviderOutcome {
        let answer = await channel.ask(.get("sessions", session: token))
        if AgnostVerdict.gone(answer) != nil { return .ended(.endedElsewhere) }
        if case .misconfigured(let reason) = failure { return .misconfigured(reason: reason) }
        guard case .success(let json) = answer, let sessions = AgnostPayload.sessions(json) else {
            return AgnostVerdict.sessionOutcome(answer)
        }
        var objects = held(session)
        if objects["session"] == nil, let own = sessions.first(where: { $0.token == token }) {
            objects["session"] = own.value
        }
        return .confirmed(.agnost(token, objects))
    }

    /// The own session in the list. That it is missing there means nothing.
    private func listed(_ token: Secret) async -> JSONValue? {
        let answer = await channel.ask(.get("sessions", session: token), withinMs: channel.sideCallMs)
        guard case .success(let json) = answer else { return nil }
        return AgnostPayload.sessions(json)?.first { $0.token == token }?.value
    }

    /// A session object never changes: with its token it is confirmed as it is held.
    private func held(_ session: ProviderSession) -> [String: JSONValue?] {
        session.objects["session"].map { ["session": $0] } ?? [:]
    }
}

extension AgnostAnswer {
    /// Whether it may be about the user's row or the database, and not about the session.
    fileprivate var mayBeOfUserModel: Bool {
        switch self {
        case .failing: true
        case .refused(_, let status): status == 400 || status == 404
        case .success, .throttled, .unusable, .misconfigured: false
        }
    }
}
