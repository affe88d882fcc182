package import Logging
package import SessionCore
package import SessionProtocol

/// Stytch's consumer and B2B products (docs/providers/stytch.md).
package struct StytchProvider: SessionProvider {
    package let traits: ProviderTraits
    private let channel: StytchChannel
    private let verdict: StytchVerdict
    private let jwt: StytchJWT
    private let policies: StytchPolicySource

    /// Kept with the session and never shown, so that access is known after a restart before Stytch has been asked.
    private static let policyObject = "rbacPolicy"

    /// - Parameter now: Unix milliseconds.
    package init(
        project: StytchProject, upstream: Upstream, now: @escaping @Sendable () -> Int64, logger: Logger
    ) {
        let appIdentifier: String
        if case .sdk(_, let identifier) = project.entrance { appIdentifier = identifier } else { appIdentifier = "" }
        let channel = StytchChannel(
            project: project, upstream: upstream, telemetry: StytchTelemetry(appIdentifier: appIdentifier), now: now)
        self.channel = channel
        verdict = StytchVerdict(isServer: project.isServer)
        jwt = StytchJWT(
            verifier: project.projectID.map { id in
                JWTVerifier(
                    rules: .stytch(projectID: id, baseURL: upstream.settings.baseURL), logger: logger, now: now
                ) { await channel.keySet() }
            },
            now: now, logger: logger)
        policies = StytchPolicySource(channel: channel)
        traits = .stytch(project)
    }

    package func validate(_ session: ProviderSession) async -> ProviderOutcome {
        await authenticate(session, minutes: nil)
    }

    package func change(_ change: SessionChange, session: ProviderSession?) async -> ProviderOutcome {
        let start = ContinuousClock.now
        if case .extend(let minutes) = change {
            guard let session else { return .sessionRequired }
            return await authenticate(session, minutes: minutes)
        }
        return await conclude(step(change, session: session), session: session, since: start)
    }

    private func step(_ change: SessionChange, session: ProviderSession?) async -> StytchStep {
        switch (change, channel.project.product) {
        case (.signIn(let method, let fields, let minutes), .consumer):
            return await consumer.begin(method, fields, minutes: minutes, session: session)
        case (.signIn(let method, let fields, let minutes), .b2b):
            return await members.begin(method, fields, minutes: minutes, session: session)
        case (.answer(let pending, let fields, let minutes), .consumer):
            return await consumer.answer(pending, fields, minutes: minutes, session: session)
        case (.answer(let pending, let fields, let minutes), .b2b):
            return await members.answer(pending, fields, minutes: minutes, session: session)
        case (.signUp(_, let fields, let minutes), .consumer):
            return await consumer.signUp(fields, minutes: minutes)
        case (.exchangeOrganization(let id, let minutes), .b2b):
            return await members.exchange(organization: id, minutes: minutes, session: session)
        case (.exchange(let accessToken, let minutes), _):
            return await .session(
                channel.ask(
                    .post(
                        "\(area)/sessions/exchange_access_token", ["access_token": .string(accessToken.reveal())],
                        minutes: minutes)))
        case (.signUp, .b2b), (.exchangeOrganization, .consumer), (.extend, _), (.lock, _), (.unlock, _),
            (.switchAccount, _):
            return .outcome(.notSupported)
        }
    }

    package func revoke(_ target: RevocationTarget, session: ProviderSession) async -> RevocationOutcome {
        await sessions.revoke(target, session)
    }

    package func listSessions(_ session: ProviderSession) async -> QueryOutcome<[ListedSession]> {
        await sessions.list(session)
    }

    package func fetchUser(_ session: ProviderSession) async -> QueryOutcome<JSONValue> {
        guard channel.project.product == .consumer else { return .notSupported }
        var call = StytchCall.get("/users/me", session: session.tokens.sessionToken)
        if channel.project.isServer {
            switch await sessions.owner(session) {
            case .answer(let owner): call = .get("/users/\(StytchCall.escaped(owner.text("user_id") ?? ""))")
            case let failure: return failure
            }
        }
        let answer = await channel.ask(call)
        guard case .data(let data) = answer else { return verdict.query(answer, isAboutSession: false) }
        return StytchPayload(data: data, product: .consumer).flattenedUser.map(QueryOutcome.answer) ?? .unreachable()
    }

    package func tokens(of handedIn: HandedInSession) -> TokenSet {
        // Where JWTs are checked, one of unknown origin is not handed on: the validation that follows brings another.
        let sessionJwt = jwt.verifier == nil ? handedIn.sessionJwt : nil
        return TokenSet(
            sessionToken: handedIn.sessionToken, sessionJwt: sessionJwt, jwtExpiresAt: sessionJwt.map(jwt.end(of:)))
    }

    package func headers(for session: ProviderSession) -> [String: Secret]? {
        channel.headers(session: session.tokens.sessionToken)?.compactMapValues { Secret($0) }
    }

    package func allows(_ question: AccessQuestion, objects: [String: JSONValue]) -> Bool {
        let policy = StytchPolicy(
            policies.latest ?? objects[Self.policyObject], organization: objects["organization"])
        switch question {
        case .action(let action, let resource):
            return policy.allows(action, on: resource, session: objects["session"])
        case .requirement("*"): return true
        case .requirement(let text):
            guard let colon = text.lastIndex(of: ":") else { return false }
            return policy.allows(
                String(text[text.index(after: colon)...]), on: String(text[..<colon]), session: objects["session"])
        }
    }

    // MARK: - One answer

    private var area: String { channel.project.product == .b2b ? "/b2b" : "" }
    private var consumer: ConsumerSignIn { ConsumerSignIn(channel: channel, sessions: sessions) }
    private var members: MemberSignIn { MemberSignIn(channel: channel) }
    private var sessions: StytchSessions { StytchSessions(channel: channel, verdict: verdict) }

    /// `sessions/authenticate`: without minutes it only validates.
    private func authenticate(_ session: ProviderSession, minutes: Int?) async -> ProviderOutcome {
        guard let token = session.tokens.sessionToken else { return .ended(.endedElsewhere) }
        let start = ContinuousClock.now
        policies.refresh()
        let answer = await channel.ask(
            .post("\(area)/sessions/authenticate", minutes: minutes, session: token, isRepeatable: true))
        if let outcome = verdict.sessionOutcome(answer) { return outcome }
        guard case .data(let data) = answer else { return .unreachable() }
        let payload = StytchPayload(data: data, product: channel.project.product)
        guard let confirmation = payload.confirmation(holding: session.tokens) else { return .unreachable() }
        // An answer about another session is none.
        if let held = session.sessionID, let found = confirmation.sessionID, held != found { return .unreachable() }
        return .confirmed(await complete(confirmation, holding: session.tokens, since: start))
    }

    private func conclude(
        _ step: StytchStep, session: ProviderSession?, since start: ContinuousClock.Instant
    ) async -> ProviderOutcome {
        switch step {
        case .outcome(let outcome): return outcome
        case .failed(let answer): return verdict.stepOutcome(answer) ?? .unreachable()
        case .session(let answer):
            if let outcome = verdict.stepOutcome(answer) { return outcome }
            guard case .data(let data) = answer else { return .unreachable() }
            let payload = StytchPayload(data: data, product: channel.project.product)
            let isStepUp = payload.sessionID != nil && payload.sessionID == session?.sessionID
            if var confirmation = payload.confirmation(holding: isStepUp ? session?.tokens : nil) {
                policies.refresh()
                confirmation.isStepUp = isStepUp
                return .confirmed(await complete(confirmation, holding: session?.tokens, since: start))
            }
            guard let next = IntermediateSession(payload: payload, now: channel.now()).step else {
                return .unreachable()
            }
            return await conclude(next, session: session, since: start)
        }
    }

    /// What Stytch has confirmed, with its JWT checked and the policy beside it, as far as the call's time allows.
    private func complete(
        _ confirmation: Confirmation, holding tokens: TokenSet?, since start: ContinuousClock.Instant
    ) async -> Confirmation {
        let canWait = channel.canWait(after: .now - start)
        async let policy = canWait ? policies.first() : policies.latest
        var confirmation = await jwt.checked(confirmation, holding: tokens, canWait: canWait)
        if let policy = await policy { confirmation.objects[Self.policyObject] = policy }
        return confirmation
    }
}
