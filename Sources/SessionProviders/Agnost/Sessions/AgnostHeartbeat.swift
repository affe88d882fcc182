import SessionCore
import SessionProtocol

/// Asks whether a session lives: the user's row, and where that cannot be had, the list of sessions, which needs no user
/// model. So trouble with the app's database is told from the end of a session.
struct AgnostHeartbeat: Sendable {
    let channel: AgnostChannel

    func validate(_ session: ProviderSession) async -> ProviderOutcome {
        guard let token = session.tokens.sessionToken else { return .sessionRequired }
        let time = channel.time()
        let answer = await channel.ask(.get("user", session: token))
        if case .success(let json) = answer {
            guard let user = AgnostPayload.user(json, of: token) else { return .unreachable() }
            let own = session.isNew ? await listed(token, time) : session.objects["session"]
            return .confirmed(confirmation(session, token, own: own, user: user))
        }
        guard answer.mayBeOfUserModel else { return AgnostVerdict.sessionOutcome(answer) }
        return await withoutUser(session, token, after: AgnostVerdict.failure(answer), time)
    }

    /// The session's word where the user's row cannot be had: what an administrator must mend is told all the same.
    private func withoutUser(
        _ session: ProviderSession, _ token: Secret, after failure: AgnostVerdict.Failure, _ time: CallTime
    ) async -> ProviderOutcome {
        let answer = await channel.ask(.get("sessions", session: token), withinMs: time.leftMs)
        if AgnostVerdict.gone(answer) != nil { return .ended(.endedElsewhere) }
        if case .misconfigured(let reason) = failure { return .misconfigured(reason: reason) }
        guard case .success(let json) = answer, let list = AgnostPayload.sessions(json, own: token) else {
            return ProviderOutcome(AgnostVerdict.failure(answer).after(failure))
        }
        let own = session.isNew ? list.value(of: token) : session.objects["session"]
        return .confirmed(confirmation(session, token, own: own))
    }

    /// The own session in the list. That it is missing there means nothing. Not asked for where the main question has
    /// taken so long that its answer would come too late.
    private func listed(_ token: Secret, _ time: CallTime) async -> JSONValue? {
        guard time.leftMs > time.halfMs else { return nil }
        let answer = await channel.ask(.get("sessions", session: token), withinMs: channel.sideCallMs)
        guard case .success(let json) = answer else { return nil }
        return AgnostPayload.sessions(json, own: token)?.value(of: token)
    }

    /// Names an object only where the service has: the others are left alone with their age, and what a client has said of
    /// its session is asked about again. A session object never changes, so with its token it is confirmed as it is held.
    private func confirmation(
        _ session: ProviderSession, _ token: Secret, own: JSONValue?, user: JSONValue? = nil
    ) -> Confirmation {
        var confirmation = Confirmation.agnost(
            token, ["session": own, "user": user].compactMapValues { $0.map(JSONValue?.some) })
        if own == nil { confirmation.sessionID = nil }
        return confirmation
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
        case .refused(_, let status, _): status == 400 || status == 404
        case .success, .throttled, .unusable, .misconfigured: false
        }
    }
}
