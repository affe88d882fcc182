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
            var own = session.objects["session"]
            if session.isNew, channel.canWait(after: .now - start) {
                own = await listed(token) ?? own
            }
            return .confirmed(.agnost(token, objects(session: own, user: user)))
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
        let listed = session.isNew ? sessions.first { $0.token == token }?.value : nil
        return .confirmed(.agnost(token, objects(session: listed ?? session.objects["session"])))
    }

    /// The own session in the list. That it is missing there means nothing.
    private func listed(_ token: Secret) async -> JSONValue? {
        let answer = await channel.ask(.get("sessions", session: token), withinMs: channel.sideCallMs)
        guard case .success(let json) = answer else { return nil }
        return AgnostPayload.sessions(json)?.first { $0.token == token }?.value
    }

    /// Names an object only where there is one: the others are left alone with their age. A session object never
    /// changes, so with its token it is confirmed as it is held.
    private func objects(session: JSONValue?, user: JSONValue? = nil) -> [String: JSONValue?] {
        ["session": session, "user": user].compactMapValues { $0.map(JSONValue?.some) }
    }
}

extension ProviderSession {
    /// Whether the service has not spoken about it yet, or never named it: what was handed in is a client's word, or a
    /// token alone.
    fileprivate var isNew: Bool { sessionID == nil || objects["session"] == nil }
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
