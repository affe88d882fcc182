import SessionCore
import SessionProtocol

/// What Backstack's answers mean to a session.
struct BackstackVerdict: Sendable {
    let channel: BackstackChannel

    /// The outcome of an answer that should bring the session, with what it says beside that.
    func outcome(
        of answer: BackstackAnswer, whenSignedOut signedOut: ProviderOutcome,
        refused: (BackstackRefusal) -> ProviderOutcome
    ) async -> ProviderOutcome {
        guard case .reply(let payload) = answer.content else { return failure(of: answer, refused: refused) }
        let session = BackstackSession(payload)
        switch (session.standing, answer.jwt) {
        case (.signedIn?, let jwt?):
            return .confirmed(session.confirmation(jwt: jwt)).bringing(SessionNews(isStale: answer.status == .stale))
        case (.signedOut?, _?): return signedOut.bringing(answer.news)
        case (.choosing(let choice)?, let jwt?): return await challenge(choice, jwt: jwt)
        case (nil, _), (_, nil): return .unreachable().bringing(answer.news)
        }
    }

    /// The outcome of an answer that is no success, with what it says beside that.
    func failure(
        of answer: BackstackAnswer, refused: (BackstackRefusal) -> ProviderOutcome
    ) -> ProviderOutcome {
        let outcome: ProviderOutcome =
            switch answer.content {
            case .refused(let refusal): refused(refusal)
            case .throttled(let retryAfterMs): .throttled(retryAfterMs: retryAfterMs)
            case .misconfigured(let reason): .misconfigured(reason: reason)
            case .unusable(let retryAfterMs): .unreachable(retryAfterMs: retryAfterMs)
            case .reply: .unreachable()
            }
        return outcome.bringing(answer.news)
    }

    /// A 401 says that the credential is refused, and not why: the app key tells a dead jwt from a dead app.
    func fateOfRefusedJWT() async -> ProviderOutcome {
        let answer = await channel.ask(.session, as: .appKey)
        if case .reply(let payload) = answer.content, BackstackSession(payload).isSession {
            return .ended(.endedElsewhere)
        }
        // What it says beside that is of the session that the app key has begun.
        return failure(of: answer, refused: Self.ofApp).parted.outcome
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
            var answer = await channel.ask(.get("/app/login-account"), as: .jwt(jwt))
            answer.jwt = answer.jwt ?? jwt
            guard case .reply(let payload) = answer.content else {
                return failure(of: answer) { .rejected(reason: $0.reason, status: $0.status) }
            }
            accounts = BackstackAccounts(payload)
            jwt = answer.jwt ?? jwt
        }
        let news = SessionNews(tokens: TokenSet(sessionToken: jwt))
        guard let accounts, !accounts.accounts.isEmpty else { return .unreachable().bringing(news) }
        return .challenge(
            PendingChallenge(
                challenge: Challenge(
                    id: newIdentifier(), kind: "account", expiresAt: nil,
                    details: ["accounts": accounts.json, "lastUsed": JSONValue(accounts.lastUsed)]),
                continuation: ["jwt": jwt])
        ).bringing(news)
    }
}
