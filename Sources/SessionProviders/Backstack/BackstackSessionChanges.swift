import SessionCore
import SessionProtocol

/// What a person who is signed in can do with the session.
struct BackstackSessionChanges: Sendable {
    let channel: BackstackChannel
    let verdict: BackstackVerdict

    func validate(jwt: Secret) async -> ProviderOutcome {
        let answer = await channel.session(.session, as: .jwt(jwt))
        if case .refused(let refusal) = answer.content, refusal.status == 401 {
            return await verdict.fateOfRefusedJWT()
        }
        return await verdict.outcome(
            of: answer, whenSignedOut: .ended(.endedElsewhere), refused: BackstackVerdict.ofApp)
    }

    func carryOut(_ change: SessionChange, jwt: Secret) async -> ProviderOutcome {
        switch change {
        case .lock: return await settle(channel.session(.get("/user/lock-screen"), as: .jwt(jwt)), mistake: nil)
        case .unlock(let password):
            let call = BackstackCall.post("/user/lock-screen", ["password": password.reveal()])
            let outcome = await settle(channel.session(call, as: .jwt(jwt)), mistake: "invalid_credentials")
            // A success that leaves the screen locked is none.
            guard case .confirmed(let confirmation) = outcome.parted.outcome, confirmation.isLocked else {
                return outcome
            }
            return ProviderOutcome.rejected(reason: "invalid_credentials")
                .bringing(SessionNews(tokens: confirmation.tokens))
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
            switch refusal.status {
            case _ where refusal.isOfUser: .rejected(reason: mistake ?? refusal.reason, status: refusal.status)
            case 401: .needsRecheck
            case 403: Self.forbidden(refusal)
            case 400 where mistake == "account_not_found", 404 where mistake == "account_not_found":
                .rejected(reason: "account_not_found", status: refusal.status)
            case 404: .misconfigured(reason: refusal.reason)
            default: .rejected(reason: refusal.reason, status: refusal.status)
            }
        }
        // That nobody is signed in any longer is for a validation to find.
        let (news, plain) = outcome.parted
        guard case .challenge = plain else { return outcome }
        return ProviderOutcome.needsRecheck.bringing(news ?? SessionNews())
    }

    /// The app's key lacks the permission, or nobody is signed in any longer: GET /app/session knows.
    private static func forbidden(_ refusal: BackstackRefusal) -> ProviderOutcome {
        ProviderOutcome.rejected(reason: refusal.reason, status: refusal.status).bringing(SessionNews(isStale: true))
    }

    func accounts(jwt: Secret, held: String?) async -> QueryOutcome<AccountList> {
        let answer = await inEitherPlace(jwt) { path, jwt in await channel.ask(.get(path), as: .jwt(jwt)) }
        return Self.accounts(answer.content, held: held).bringing(answer.news)
    }

    private static func accounts(_ content: BackstackAnswer.Content, held: String?) -> QueryOutcome<AccountList> {
        switch content {
        case .reply(let payload):
            BackstackAccounts(payload).map { .answer(AccountList(accounts: $0.accounts, current: $0.current ?? held)) }
                ?? .unreachable()
        case .refused(let refusal): QueryOutcome(refusal)
        case .throttled(let retryAfterMs), .unusable(let retryAfterMs): .unreachable(retryAfterMs: retryAfterMs)
        case .misconfigured(let reason): .misconfigured(reason: reason)
        }
    }

    /// - Parameter held: the objects at hand. Where others than the user differ, the session is to be validated.
    func user(jwt: Secret, held: [String: JSONValue]) async -> QueryOutcome<JSONValue> {
        let answer = await channel.session(.session, as: .jwt(jwt))
        var news = answer.news
        if case .reply(let payload) = answer.content {
            let objects = BackstackSession(payload).confirmation(jwt: jwt).objects
            news.isStale = news.isStale || objects.contains { $0.key != "user" && held[$0.key] != $0.value }
        }
        return Self.user(answer.content, answer.jwt ?? jwt).bringing(news)
    }

    private static func user(_ content: BackstackAnswer.Content, _ jwt: Secret) -> QueryOutcome<JSONValue> {
        switch content {
        case .reply(let payload):
            let session = BackstackSession(payload)
            guard case .signedIn? = session.standing else {
                return session.isSession ? .ended(.endedElsewhere) : .unreachable()
            }
            return .answer(session.user(jwt: jwt))
        case .refused(let refusal): return QueryOutcome(refusal)
        case .throttled(let retryAfterMs), .unusable(let retryAfterMs): return .unreachable(retryAfterMs: retryAfterMs)
        case .misconfigured(let reason): return .misconfigured(reason: reason)
        }
    }

    /// Confirmed by a session in which nobody is signed in; gone where the jwt is dead while the app key lives.
    func logOut(jwt: Secret) async -> RevocationOutcome {
        let answer = await channel.session(.get("/app/logout"), as: .jwt(jwt))
        if case .refused(let refusal) = answer.content, refusal.status == 401 {
            return await Self.revocation(verdict.fateOfRefusedJWT())
        }
        if case .reply(let payload) = answer.content, case .signedOut? = BackstackSession(payload).standing {
            return .confirmed
        }
        return Self.revocation(verdict.failure(of: answer, refused: BackstackVerdict.ofApp).parted.outcome)
            .bringing(answer.news)
    }

    private static func revocation(_ outcome: ProviderOutcome) -> RevocationOutcome {
        switch outcome {
        case .ended: .gone
        case .misconfigured(let reason): .misconfigured(reason: reason)
        case .rejected(let reason, let status): .rejected(reason: reason, status: status)
        case .unreachable(let retryAfterMs), .throttled(let retryAfterMs): .unreachable(retryAfterMs: retryAfterMs)
        default: .unreachable()
        }
    }

    /// The third generation of the API has moved these calls.
    private func inEitherPlace(
        _ jwt: Secret, _ ask: (String, Secret) async -> BackstackAnswer
    ) async -> BackstackAnswer {
        let first = await ask("/user/change-account", jwt)
        guard case .refused(let refusal) = first.content, refusal.status == 404, !refusal.isOfUser else { return first }
        var second = await ask("/account/change-account", first.jwt ?? jwt)
        second.jwt = second.jwt ?? first.jwt
        return second
    }
}

extension QueryOutcome {
    /// The refusal of a question in the name of the session.
    init(_ refusal: BackstackRefusal) {
        switch refusal.status {
        case _ where refusal.isOfUser: self = .rejected(reason: refusal.reason, status: refusal.status)
        case 401: self = .ended(.endedElsewhere)
        // The app's key lacks the permission, or nobody is signed in any longer: a validation tells.
        case 403:
            self = QueryOutcome.rejected(reason: refusal.reason, status: 403).bringing(SessionNews(isStale: true))
        case 404: self = .misconfigured(reason: refusal.reason)
        default: self = .rejected(reason: refusal.reason, status: refusal.status)
        }
    }
}
