package import Logging
package import SessionCore
package import SessionProtocol

/// Agnost's authentication service (docs/providers/agnost.md).
package struct AgnostProvider: SessionProvider {
    package let traits = ProviderTraits.agnost
    private let channel: AgnostChannel
    private let logger: Logger

    /// - Parameters:
    ///   - upstream: the environment's base URL, its id as the last part of the path.
    ///   - now: Unix milliseconds.
    package init(
        service: AgnostService, upstream: any UpstreamSending, now: @escaping @Sendable () -> Int64, logger: Logger
    ) {
        channel = AgnostChannel(service: service, upstream: upstream, now: now)
        self.logger = logger
    }

    package func validate(_ session: ProviderSession) async -> ProviderOutcome {
        await AgnostHeartbeat(channel: channel).validate(session)
    }

    /// Durations mean nothing here: a session has no end.
    package func change(_ change: SessionChange, session: ProviderSession?) async -> ProviderOutcome {
        let signIn = AgnostSignIn(channel: channel)
        switch change {
        case .signIn(let method, let fields, _): return await signIn.begin(method, fields)
        case .answer(let pending, let fields, _): return await signIn.answer(pending, fields)
        case .signUp("password", let fields, _): return await signIn.signUp(fields)
        case .exchange(let accessToken, _): return await signIn.exchange(accessToken)
        case .signUp, .exchangeOrganization, .extend, .lock, .unlock, .switchAccount: return .notSupported
        }
    }

    package func revoke(_ target: RevocationTarget, session: ProviderSession) async -> RevocationOutcome {
        await sessions.revoke(target, session)
    }

    package func tokens(of handedIn: HandedInSession) -> TokenSet {
        TokenSet(sessionToken: handedIn.sessionToken)
    }

    package func sessionID(of tokens: TokenSet) -> String? { tokens.sessionToken.map(AgnostPayload.id(of:)) }

    package func listSessions(_ session: ProviderSession) async -> QueryOutcome<[ListedSession]> {
        await sessions.list(session)
    }

    package func fetchUser(_ session: ProviderSession) async -> QueryOutcome<JSONValue> {
        guard let token = session.tokens.sessionToken else { return .unreachable() }
        let answer = await channel.ask(.get("user", session: token))
        guard case .success(let json) = answer, let user = AgnostPayload.user(json, of: token) else {
            return AgnostVerdict.query(answer)
        }
        return .answer(user)
    }

    package func headers(for session: ProviderSession) -> [String: Secret]? {
        channel.headers(session: session.tokens.sessionToken)
    }

    package var signInURL: String? { channel.service.signInURL }

    private var sessions: AgnostSessions { AgnostSessions(channel: channel, logger: logger) }
}
