import Logging
import SessionCore
import SessionProtocol

/// The user's sessions: listing them, and ending them by their tokens, which only the daemon sees.
struct AgnostSessions: Sendable {
    let channel: AgnostChannel
    let logger: Logger

    func list(_ session: ProviderSession) async -> QueryOutcome<[ListedSession]> {
        guard let token = session.tokens.sessionToken else { return .unreachable() }
        let answer = await channel.ask(.get("sessions", session: token))
        guard case .success(let json) = answer, let list = AgnostPayload.sessions(json, own: token) else {
            return AgnostVerdict.query(answer)
        }
        return .answer(
            list.sessions.map { session in
                ListedSession(
                    id: AgnostPayload.id(of: session.token), isCurrent: session.token == token,
                    createdAt: Timestamp.milliseconds(session.value["creationDtm"]),
                    userAgent: AgnostUserAgent.text(session.value["userAgent"]), value: session.value)
            })
    }

    /// Needs nothing of the session but its token.
    func revoke(_ target: RevocationTarget, _ session: ProviderSession) async -> RevocationOutcome {
        guard let own = session.tokens.sessionToken else { return .confirmed }
        let time = channel.time()
        switch target {
        case .current: return await revokeOwn(own, time)
        case .session(let id) where id == AgnostPayload.id(of: own): return await revokeOwn(own, time)
        case .session(let id): return await revoke(id: id, own, time)
        case .others: return await revokeOthers(own, by: "signout-all-except", time)
        case .all:
            let others = await revokeOthers(own, by: "signout-all", time, reservedMs: channel.sideCallMs)
            // Asked for in any case: the service's list, by which it signs out, may have lost the own session.
            guard others == .confirmed else { return others }
            let outcome = await revokeOwn(own, time)
            return outcome == .gone ? .confirmed : outcome
        }
    }

    private func revokeOwn(_ own: Secret, _ time: CallTime) async -> RevocationOutcome {
        let answer = await channel.ask(.signOut(own), withinMs: time.leftMs)
        if case .success = answer { return .confirmed }
        return AgnostVerdict.revocation(answer)
    }

    private func revoke(id: String, _ own: Secret, _ time: CallTime) async -> RevocationOutcome {
        let listing = await channel.ask(.get("sessions", session: own), withinMs: time.leftMs)
        guard case .success(let json) = listing, let list = AgnostPayload.sessions(json, own: own) else {
            return AgnostVerdict.revocation(listing)
        }
        guard let found = list.sessions.first(where: { AgnostPayload.id(of: $0.token) == id }) else {
            return .rejected(reason: "session_not_found")
        }
        let answer = await channel.ask(.signOut(own, token: found.token), withinMs: time.leftMs)
        return answer.endsOther ? .confirmed : AgnostVerdict.revocation(answer)
    }

    /// With one call; where the service fails at it, as all published versions do, one after the other.
    ///
    /// - Parameter reservedMs: the time to be left for the own session.
    private func revokeOthers(
        _ own: Secret, by name: String, _ time: CallTime, reservedMs: Int64 = 0
    ) async -> RevocationOutcome {
        let answer = await channel.ask(AgnostCall.post(name, session: own).answeringNothing, withinMs: time.halfMs)
        switch answer {
        case .success: return .confirmed
        case .failing, .unusable(retryAfterMs: nil): break
        case .refused, .throttled, .unusable, .misconfigured: return AgnostVerdict.revocation(answer)
        }
        let listing = await channel.ask(.get("sessions", session: own), withinMs: time.leftMs - reservedMs)
        guard case .success(let json) = listing, let list = AgnostPayload.sessions(json, own: own) else {
            return AgnostVerdict.revocation(listing)
        }
        let tokens = list.sessions.map(\.token).filter { $0 != own }
        var ended = 0
        let outcome = await revokeEach(tokens, own, ended: &ended) { time.leftMs - reservedMs }
        logger.notice(
            "the auth service cannot sign out all sessions at once; they were signed out one by one",
            metadata: ["others": "\(tokens.count)", "ended": "\(ended)"])
        return outcome == .confirmed && list.hasNameless ? .partly : outcome
    }

    /// One that is refused for good, or is not answered in its share of the time, holds up no other, and leaves the
    /// session that can try again.
    private func revokeEach(
        _ tokens: [Secret], _ own: Secret, ended: inout Int, leftMs: () -> Int64
    ) async -> RevocationOutcome {
        var (unanswered, refused) = (0, 0)
        for token in tokens {
            let answer = await channel.ask(.signOut(own, token: token), withinMs: min(channel.sideCallMs, leftMs()))
            if answer.endsOther {
                ended += 1
                unanswered = 0
                continue
            }
            let outcome = AgnostVerdict.revocation(answer)
            switch outcome {
            case .rejected:
                refused += 1
                unanswered = 0
            case .unreachable(retryAfterMs: nil) where !answer.isThrottled:
                unanswered += 1
                guard unanswered < Self.patience, leftMs() > 0 else { return outcome }
            // About the session or the daemon in whose name it was asked: no other will fare better.
            case .bringing, .confirmed, .gone, .unreachable, .partly, .misconfigured, .notSupported: return outcome
            }
        }
        if ended == tokens.count { return .confirmed }
        return ended + refused == tokens.count ? .partly : .unreachable()
    }

    /// So many sign-outs in a row without an answer are no matter of single sessions.
    private static let patience = 3
}

extension AgnostAnswer {
    /// Whether another session, which was to be signed out, is good for nothing now: it has ended, or its token does not
    /// verify.
    fileprivate var endsOther: Bool {
        switch self {
        case .success: true
        case .refused(let codes, 404, _): codes.contains("invalid_session_token")
        case .refused, .failing, .throttled, .unusable, .misconfigured: false
        }
    }

    fileprivate var isThrottled: Bool {
        if case .throttled = self { true } else { false }
    }
}

extension AgnostCall {
    /// Without `token`: the session in whose name it is asked. Ending one twice does no harm.
    fileprivate static func signOut(_ own: Secret, token: Secret? = nil) -> AgnostCall {
        var call = AgnostCall.post("signout", ["token": token.map { .string($0.reveal()) }], session: own)
        call.isRepeatable = true
        call.mayAnswerNothing = true
        return call
    }
}
