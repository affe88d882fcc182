import SessionCore
import SessionProtocol

/// What a person who is signed in can do with the session.
struct BackstackSessionChanges: Sendable {
    let channel: BackstackChannel
    let verdict: BackstackVerdict

    func carryOut(_ change: SessionChange, jwt: Secret) async -> ProviderOutcome {
        switch change {
        case .lock: return await settle(channel.session(.get("/user/lock-screen"), as: .jwt(jwt)), mistake: nil)
        case .unlock(let password):
            let call = BackstackCall.post("/user/lock-screen", ["password": password.reveal()])
            let outcome = await settle(channel.session(call, as: .jwt(jwt)), mistake: "invalid_credentials")
            // A success that leaves the screen locked is none.
            guard case .confirmed(let confirmation) = outcome, confirmation.isLocked, let tokens = confirmation.tokens
            else { return outcome }
            return .rotated(tokens, .rejected(reason: "invalid_credentials"))
        case .switchAccount(let id):
            let answer = await inEitherPlace(jwt) { path, jwt in
                await channel.session(.post(path, ["account_id": id]), as: .jwt(jwt))
            }
            return await settle(answer, mistake: "account_not_found")
        default: return .notSupported
        }
    }

    /// - Parameter mistake: the reason where the person has typed something wrong.
    private func settle(_ answer: BackstackAnswer, mistake: String?) async -> ProviderOutcome {
        let outcome = await verdict.outcome(of: answer, whenSignedOut: .ended(.endedElsewhere)) { refusal in
            if refusal.isOfUser {
                return .rejected(reason: mistake ?? refusal.reason, status: refusal.status)
            }
            switch refusal.status {
            // Also the answer to somebody who is signed in no longer: GET /app/session knows.
            case 401, 403: return .needsRecheck
            case 400 where mistake == "account_not_found", 404 where mistake == "account_not_found":
                return .rejected(reason: "account_not_found", status: refusal.status)
            case 404: return .misconfigured(reason: refusal.reason)
            default: return .rejected(reason: refusal.reason, status: refusal.status)
            }
        }
        // That nobody is signed in any longer is for a validation to find.
        if case .challenge = outcome { return ProviderOutcome.needsRecheck.rotating(with: answer) }
        return outcome.rotating(with: answer)
    }

    func accounts(jwt: Secret, held: String?) async -> QueryOutcome<AccountList> {
        let answer = await inEitherPlace(jwt) { path, jwt in await channel.ask(.get(path), as: .jwt(jwt)) }
        switch answer {
        case .reply(let reply):
            guard let list = BackstackAccounts(reply.payload) else { return .unreachable() }
            var answer = AccountList(accounts: list.accounts, current: list.current ?? held)
            answer.tokens = reply.jwt.map { TokenSet(sessionToken: $0) }
            answer.isSessionStale = reply.isStale
            return .answer(answer)
        case .refused(let refusal):
            if refusal.isOfUser { return .rejected(reason: refusal.reason, status: refusal.status) }
            switch refusal.status {
            case 401, 403: return .ended(.endedElsewhere)
            case 404: return .misconfigured(reason: refusal.reason)
            default: return .rejected(reason: refusal.reason, status: refusal.status)
            }
        case .throttled(let retryAfterMs, _), .unusable(let retryAfterMs, _):
            return .unreachable(retryAfterMs: retryAfterMs)
        case .misconfigured(let reason): return .misconfigured(reason: reason)
        }
    }

    /// Confirmed by a session in which nobody is signed in, and by a jwt that is dead while the app key lives.
    func logOut(jwt: Secret) async -> RevocationOutcome {
        let answer = await channel.session(.get("/app/logout"), as: .jwt(jwt))
        switch answer {
        case .reply(let reply):
            guard case .signedOut? = BackstackSession(reply.payload).standing else { return .unreachable() }
            return .confirmed
        case .refused(let refusal):
            guard refusal.status == 401 else { return Self.revocation(BackstackVerdict.ofApp(refusal)) }
            return await Self.revocation(verdict.fateOfRefusedJWT())
        case .throttled(let retryAfterMs, _), .unusable(let retryAfterMs, _):
            return .unreachable(retryAfterMs: retryAfterMs)
        case .misconfigured(let reason): return .misconfigured(reason: reason)
        }
    }

    private static func revocation(_ outcome: ProviderOutcome) -> RevocationOutcome {
        switch outcome {
        case .ended: .confirmed
        case .misconfigured(let reason): .misconfigured(reason: reason)
        case .rejected(let reason, let status): .rejected(reason: reason, status: status)
        default: .unreachable()
        }
    }

    /// The third generation of the API has moved these calls.
    private func inEitherPlace(
        _ jwt: Secret, _ ask: (String, Secret) async -> BackstackAnswer
    ) async -> BackstackAnswer {
        let answer = await ask("/user/change-account", jwt)
        guard case .refused(let refusal) = answer, refusal.status == 404, !refusal.isOfUser else { return answer }
        return await ask("/account/change-account", refusal.jwt ?? jwt)
    }
}
