import Logging
import SessionProtocol

extension SessionKeeper {
    package func signIn(method: String, fields: SignInFields, durationMinutes: Int?, expect: Expectation?)
        async throws(KeeperError) -> SignInResult
    {
        try await inTurn(expect) { () async throws(KeeperError) in
            let minutes = durationMinutes ?? machine.settings.durationMinutes
            return try await signInStep(
                .signIn(method: method, fields, durationMinutes: minutes), minutes: durationMinutes,
                wireMethod: "session.signIn")
        }
    }

    package func signUp(method: String, fields: SignInFields, durationMinutes: Int?, expect: Expectation?)
        async throws(KeeperError) -> SignInResult
    {
        try require(.signUp, for: "session.signUp")
        return try await inTurn(expect) { () async throws(KeeperError) in
            let minutes = durationMinutes ?? machine.settings.durationMinutes
            return try await signInStep(
                .signUp(method: method, fields, durationMinutes: minutes), minutes: durationMinutes,
                wireMethod: "session.signUp")
        }
    }

    package func exchange(accessToken: Secret, durationMinutes: Int?, expect: Expectation?)
        async throws(KeeperError) -> SignInResult
    {
        try require(.exchangeAccessToken, for: "session.exchange")
        return try await inTurn(expect) { () async throws(KeeperError) in
            let minutes = durationMinutes ?? machine.settings.durationMinutes
            return try await signInStep(
                .exchange(accessToken: accessToken, durationMinutes: minutes), minutes: durationMinutes,
                wireMethod: "session.exchange")
        }
    }

    package func exchange(organizationID: String, durationMinutes: Int?, expect: Expectation?)
        async throws(KeeperError) -> SignInResult
    {
        try require(.exchangeOrganization, for: "session.exchange")
        return try await inTurn(expect) { () async throws(KeeperError) in
            let minutes = durationMinutes ?? machine.settings.durationMinutes
            return try await signInStep(
                .exchangeOrganization(id: organizationID, durationMinutes: minutes), minutes: durationMinutes,
                wireMethod: "session.exchange")
        }
    }

    package func answer(challenge: String, fields: SignInFields, durationMinutes: Int?, expect: Expectation?)
        async throws(KeeperError) -> SignInResult
    {
        try await inTurn(expect) { () async throws(KeeperError) in
            guard let pending = machine.pending, pending.challenge.id == challenge else { throw .challengeNotFound }
            let wanted = durationMinutes ?? machine.pendingMinutes
            let minutes = wanted ?? machine.settings.durationMinutes
            return try await signInStep(
                .answer(pending, fields, durationMinutes: minutes), minutes: wanted, wireMethod: "session.answer")
        }
    }

    /// - Parameter minutes: what was asked for, which holds for the steps that follow too.
    private func signInStep(_ step: SessionChange, minutes: Int?, wireMethod: String)
        async throws(KeeperError) -> SignInResult
    {
        let generation = machine.generation
        let (outcome, _) = heard(await ask(step, session: machine.held?.providerSession), since: generation)
        let now = clock.now()
        let dice = clock.random()
        switch outcome {
        case .confirmed(let confirmation):
            let isHeld: Bool
            do {
                isHeld = try commit { $0.signedIn(confirmation, since: generation, at: now, dice: dice) }
            } catch {
                await giveUp(confirmation)
                throw error
            }
            guard isHeld else { throw .notSignedIn(machine.phase) }
            logger.event(.signedIn, "signed in")
            return SignInResult(outcome: .signedIn, publication: board.current)
        case .challenge(let challenge):
            try commit { $0.challenged(challenge, minutes: minutes, at: now) }
            return SignInResult(outcome: .challenge, publication: board.current)
        case .confirmationNeeded:
            return SignInResult(outcome: .confirmationNeeded, publication: board.current)
        case .ended: throw .upstreamRejected(reason: "session_ended", status: nil)
        default: throw failure(outcome, wireMethod: wireMethod)
        }
    }

    /// The session that cannot be stored would be lost at the next restart and live on at the provider: end it there.
    private func giveUp(_ confirmation: Confirmation) async {
        guard !confirmation.isStepUp, let tokens = confirmation.tokens else { return }
        let session = ProviderSession(tokens: tokens, sessionID: confirmation.sessionID)
        let provider = provider
        let outcome = await believable(isYoung: true) {
            await withinLimit(late: .unreachable()) {
                await provider.revoke(.current, session: session).parted.outcome
            }
        }
        if outcome != .confirmed, outcome != .gone {
            logger.warning("a new session that could not be stored lives on at the auth service until it expires")
        }
    }

    /// The error for an outcome that changed nothing.
    func failure(_ outcome: ProviderOutcome, wireMethod: String) -> KeeperError {
        switch outcome {
        case .misconfigured(let reason): .misconfigured(reason: reason)
        case .rejected(let reason, let status): .upstreamRejected(reason: reason, status: status)
        case .invalidField(let path, let expected): .invalidField(path: path, expected: expected)
        case .notSupported: .notSupported(method: wireMethod)
        case .sessionRequired: .notSignedIn(machine.phase)
        case .bringing, .unreachable, .throttled, .needsRecheck, .confirmed, .ended, .challenge, .confirmationNeeded:
            unavailable
        }
    }
}
