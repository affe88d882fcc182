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
        let answer = await channel.session(.session, as: .jwt(jwt))
        if case .refused(let refusal) = answer.content, refusal.status == 401 {
            return await verdict.fateOfRefusedJWT()
        }
        return await verdict.outcome(
            of: answer, whenSignedOut: .ended(.endedElsewhere), refused: BackstackVerdict.ofApp)
    }

    package func change(_ change: SessionChange, session: ProviderSession?) async -> ProviderOutcome {
        switch change {
        case .signIn(let method, let fields, _): return await signIn.begin(method, fields)
        case .answer(let pending, let fields, _): return await signIn.answer(pending, fields)
        case .lock, .unlock, .switchAccount:
            guard let jwt = session?.tokens.sessionToken else { return .sessionRequired }
            return await changes.carryOut(change, jwt: jwt)
        case .signUp("account", let fields, _):
            return await BackstackSignUp(channel: channel, verdict: verdict).begin(fields)
        case .signUp, .exchange, .exchangeOrganization, .extend: return .notSupported
        }
    }

    package func revoke(_ target: RevocationTarget, session: ProviderSession) async -> RevocationOutcome {
        guard target == .current else { return .notSupported }
        guard let jwt = session.tokens.sessionToken else { return .confirmed }
        return await changes.logOut(jwt: jwt)
    }

    /// Backstack's jwt is the session token; it has no other.
    package func tokens(of handedIn: HandedInSession) -> TokenSet { TokenSet(sessionToken: handedIn.sessionToken) }

    package func listAccounts(_ session: ProviderSession) async -> QueryOutcome<AccountList> {
        guard let jwt = session.tokens.sessionToken else { return .ended(.endedElsewhere) }
        return await changes.accounts(jwt: jwt, held: session.objects["account"]?.text("id"))
    }

    /// The user of the session as it is now: Backstack's own call for users knows of no locked screen.
    package func fetchUser(_ session: ProviderSession) async -> QueryOutcome<JSONValue> {
        guard let jwt = session.tokens.sessionToken else { return .ended(.endedElsewhere) }
        return await changes.user(jwt: jwt)
    }

    package func headers(for session: ProviderSession) -> [String: Secret]? {
        session.tokens.sessionToken.map(channel.headers)
    }

    package func allows(_ question: AccessQuestion, objects: [String: JSONValue]) -> Bool {
        BackstackAccess(objects: objects).allows(question)
    }

    package func alerts(objects: [String: JSONValue]) -> [JSONValue] { BackstackAccess(objects: objects).alerts }

    private var verdict: BackstackVerdict { BackstackVerdict(channel: channel) }
    private var signIn: BackstackSignIn { BackstackSignIn(channel: channel, verdict: verdict) }
    private var changes: BackstackSessionChanges { BackstackSessionChanges(channel: channel, verdict: verdict) }
}
