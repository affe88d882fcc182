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
        guard case .success(let json) = answer, let sessions = AgnostPayload.sessions(json) else {
            return AgnostVerdict.query(answer)
        }
        return .answer(
            sessions.map { session in
                ListedSession(
                    id: AgnostPayload.id(of: session.token), isCurrent: session.token == token,
                    createdAt: Timestamp.milliseconds(session.value["creationDtm"]),
                    userAgent: AgnostUserAgent.text(session.value["userAgent"]), value: session.value)
            })
    }

    /// Needs nothing of the session but its token.
    func revoke(_ target: RevocationTarget, _ session: ProviderSession) async -> RevocationOutcome {
        guard let own = session.tokens.sessionToken else { return .confirmed }
        switch target {
        case .current: return await revokeOwn(own)
        case .session(let id) where id == AgnostPayload.id(of: own): return await revokeOwn(own)
        case .session(let id): return await revoke(id: id, own)
        case .others: return await revokeOthers(own, by: "signout-all-except")
        case .all:
            let others = await revokeOthers(own, by: "signout-all")
            // Asked for in any case: the service's list, by which it signs out, may have lost the own session.
            guard others == .confirmed else { return others }
            let outcome = await revokeOwn(own)
            return outcome == .gone ? .confirmed : outcome
        }
    }

    private func revokeOwn(_ own: Secret) async -> RevocationOutcome {
        let answer = await channel.ask(.signOut(own))
        if case .success = answer { return .confirmed }
        return AgnostVerdict.revocation(answer)
    }

    private func revoke(id: String, _ own: Secret) async -> RevocationOutcome {
        let listing = await channel.ask(.get("sessions", session: own))
        guard case .success(let json) = listing, let sessions = AgnostPayload.sessions(json) else {
            return AgnostVerdict.revocation(listing)
        }
        guard let found = sessions.first(where: { AgnostPayload.id(of: $0.token) == id }) else {
            return .rejected(reason: "session_not_found")
        }
        return await revoke(found.token, own)
    }

    /// Ends another session of the user's.
    private func revoke(_ token: Secret, _ own: Secret) async -> RevocationOutcome {
        let answer = await channel.ask(.signOut(own, token: token))
        switch answer {
        case .success: return .confirmed
        // A token that does not verify is good for nothing: its session cannot be used any more.
        case .refused(let codes, 404) where codes.contains("invalid_session_token"): return .confirmed
        default: return AgnostVerdict.revocation(answer)
        }
    }

    /// With one call; where the service fails at it, as all published versions do, one after the other.
    private func revokeOthers(_ own: Secret, by name: String) async -> RevocationOutcome {
        let answer = await channel.ask(AgnostCall.post(name, session: own).answeringNothing)
        if case .success = answer { return .confirmed }
        guard case .failing = answer else { return AgnostVerdict.revocation(answer) }
        let listing = await channel.ask(.get("sessions", session: own))
        guard case .success(let json) = listing, let sessions = AgnostPayload.sessions(json) else {
            return AgnostVerdict.revocation(listing)
        }
        return await revokeEach(sessions.map(\.token).filter { $0 != own }, own)
    }

    /// One that is refused for good holds up no other, and leaves the session that can try again.
    private func revokeEach(_ tokens: [Secret], _ own: Secret) async -> RevocationOutcome {
        var refused = 0
        for (index, token) in tokens.enumerated() {
            let outcome = await revoke(token, own)
            switch outcome {
            case .confirmed: break
            case .rejected: refused += 1
            // About the session or the daemon in whose name it was asked: no other will fare better.
            case .gone, .unreachable, .misconfigured, .notSupported:
                log(ended: index - refused, of: tokens.count)
                return outcome
            }
        }
        log(ended: tokens.count - refused, of: tokens.count)
        return refused == 0 ? .confirmed : .unreachable()
    }

    private func log(ended: Int, of count: Int) {
        logger.notice(
            "the auth service cannot sign out all sessions at once; they were signed out one by one",
            metadata: ["others": "\(count)", "ended": "\(ended)"])
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
