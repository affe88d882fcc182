package import SessionCore
package import SessionProtocol

/// Backstack (docs/providers/backstack.md).
package struct BackstackProvider: SessionProvider {
    package let traits = ProviderTraits.backstack
    private let channel: BackstackChannel

    /// - Parameter now: Unix milliseconds.
    package init(service: BackstackService, upstream: any UpstreamSending, now: @escaping @Sendable () -> Int64) {
        channel = BackstackChannel(service: service, upstream: upstream, now: now)
    }

    package func validate(_ session: ProviderSession) async -> ProviderOutcome {
        guard let jwt = session.tokens.sessionToken else { return .ended(.endedElsewhere) }
        return await begun(BackstackSessionChanges.init).validate(jwt: jwt)
    }

    package func change(_ change: SessionChange, session: ProviderSession?) async -> ProviderOutcome {
        switch change {
        case .signIn(let method, let fields, _): return await begun(BackstackSignIn.init).begin(method, fields)
        case .answer(let pending, let fields, _): return await begun(BackstackSignIn.init).answer(pending, fields)
        case .lock, .unlock, .switchAccount:
            guard let jwt = session?.tokens.sessionToken else { return .sessionRequired }
            return await begun(BackstackSessionChanges.init).carryOut(change, jwt: jwt)
        case .signUp("account", let fields, _): return await begun(BackstackSignUp.init).begin(fields)
        case .signUp, .exchange, .exchangeOrganization, .extend: return .notSupported
        }
    }

    package func revoke(_ target: RevocationTarget, session: ProviderSession) async -> RevocationOutcome {
        guard target == .current else { return .notSupported }
        guard let jwt = session.tokens.sessionToken else { return .confirmed }
        return await begun(BackstackSessionChanges.init).logOut(jwt: jwt)
    }

    /// Backstack's jwt is the session token; it has no other.
    package func tokens(of handedIn: HandedInSession) -> TokenSet { TokenSet(sessionToken: handedIn.sessionToken) }

    package func listAccounts(_ session: ProviderSession) async -> QueryOutcome<AccountList> {
        guard let jwt = session.tokens.sessionToken else { return .ended(.endedElsewhere) }
        return await begun(BackstackSessionChanges.init).accounts(
            jwt: jwt, held: session.objects["account"]?.text("id"))
    }

    /// The user of the session as it is now: Backstack's own call for users knows of no locked screen.
    package func fetchUser(_ session: ProviderSession) async -> QueryOutcome<JSONValue> {
        guard let jwt = session.tokens.sessionToken else { return .ended(.endedElsewhere) }
        return await begun(BackstackSessionChanges.init).user(jwt: jwt, held: session.objects)
    }

    package func headers(for session: ProviderSession) -> [String: Secret]? {
        session.tokens.sessionToken.map(channel.headers)
    }

    package func allows(_ question: AccessQuestion, objects: [String: JSONValue]) -> Bool {
        BackstackAccess(objects: objects).allows(question)
    }

    package func alerts(objects: [String: JSONValue]) -> [JSONValue] { BackstackAccess(objects: objects).alerts }

    /// What speaks to Backstack for one answer.
    private func begun<Part>(_ part: (BackstackChannel, BackstackVerdict) -> Part) -> Part {
        let channel = channel.begun()
        return part(channel, BackstackVerdict(channel: channel))
    }
}
