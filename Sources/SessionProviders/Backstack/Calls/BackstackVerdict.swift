import SessionCore
import SessionProtocol

/// What Backstack's answers mean to a session.
struct BackstackVerdict: Sendable {
    let channel: BackstackChannel

    /// The outcome of an answer that should bring the session.
    func outcome(
        of answer: BackstackAnswer, whenSignedOut signedOut: ProviderOutcome,
        refused: (BackstackRefusal) -> ProviderOutcome
    ) async -> ProviderOutcome {
        guard case .reply(let reply) = answer else { return failure(of: answer, refused: refused) }
        let session = BackstackSession(reply.payload)
        guard let jwt = reply.jwt else { return .unreachable() }
        switch session.standing {
        case .signedIn?: return .confirmed(session.confirmation(jwt: jwt))
        case .signedOut?: return signedOut
        case .choosing(let choice)?: return await challenge(choice, jwt: jwt)
        case nil: return .unreachable()
        }
    }

    /// The outcome of an answer that is no success.
    func failure(
        of answer: BackstackAnswer, refused: (BackstackRefusal) -> ProviderOutcome
    ) -> ProviderOutcome {
        switch answer {
        case .refused(let refusal): refused(refusal)
        case .throttled(let retryAfterMs, _): .throttled(retryAfterMs: retryAfterMs)
        case .misconfigured(let reason): .misconfigured(reason: reason)
        case .unusable(let retryAfterMs, _): .unreachable(retryAfterMs: retryAfterMs)
        case .reply: .unreachable()
        }
    }

    /// A 401 says that the credential is refused, and not why: the app key tells a dead jwt from a dead app.
    func fateOfRefusedJWT() async -> ProviderOutcome {
        let answer = await channel.ask(.session, as: .appKey)
        if case .reply(let reply) = answer, BackstackSession(reply.payload).isSession { return .ended(.endedElsewhere) }
        return failure(of: answer, refused: Self.ofApp)
    }

    /// The refusal of a call that concerns nobody but the app.
    static func ofApp(_ refusal: BackstackRefusal) -> ProviderOutcome {
        switch refusal.status {
        case 401: .misconfigured(reason: "invalid_app_key")
        case 403, 404: .misconfigured(reason: refusal.reason)
        default: .rejected(reason: refusal.reason, status: refusal.status)
        }
    }

    /// The sign-in that waits for an account. What Backstack knows of it is behind the jwt, which the next step needs;
    /// no end of it is documented.
    private func challenge(_ choice: JSONValue?, jwt: Secret) async -> ProviderOutcome {
        var jwt = jwt
        var accounts = choice.flatMap { BackstackAccounts($0) }
        if accounts == nil {
            let answer = await channel.ask(.get("/app/login-account"), as: .jwt(jwt))
            guard case .reply(let reply) = answer else {
                return failure(of: answer) { .rejected(reason: $0.reason, status: $0.status) }
            }
            accounts = BackstackAccounts(reply.payload)
            jwt = reply.jwt ?? jwt
        }
        guard let accounts, !accounts.accounts.isEmpty else { return .unreachable() }
        return .challenge(
            PendingChallenge(
                challenge: Challenge(
                    id: newIdentifier(), kind: "account", expiresAt: nil,
                    details: ["accounts": accounts.json, "lastUsed": JSONValue(accounts.lastUsed)]),
                continuation: ["jwt": jwt]))
    }
}
