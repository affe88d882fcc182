package import SessionProtocol

extension SessionKeeper {
    package func tokens(minValidMs: Int64) async throws(KeeperError) -> Publication {
        let now = clock.now()
        elapse(to: now)
        let held = try heldSession()
        guard held.needsRenewal(minValidMs: minValidMs, at: now) else { return board.current }
        var verdict = await sharedVerdict()
        for _ in 0..<3 where verdict == .superseded && machine.held != nil { verdict = await sharedVerdict() }
        let renewed = try heldSession()
        if verdict == .confirmed || !renewed.needsRenewal(minValidMs: minValidMs, at: clock.now()) {
            return board.current
        }
        // A caller who asked for nothing in particular gets what lives longer than the JWT.
        if minValidMs == 0, renewed.tokens.sessionToken != nil { return board.current }
        switch verdict {
        case .misconfigured(let reason): throw .misconfigured(reason: reason)
        case .rejected(let reason, let status): throw .upstreamRejected(reason: reason, status: status)
        case .confirmed, .ended, .recheck, .unreachable, .superseded: throw unavailable
        }
    }

    package func listSessions() async throws(KeeperError) -> [ListedSession] {
        let provider = provider
        return try await answer(of: "session.list") { await provider.listSessions($0) }
    }

    package func listAccounts() async throws(KeeperError) -> AccountList {
        try require(.accounts, for: "account.list")
        let provider = provider
        return try await answer(of: "account.list") { await provider.listAccounts($0) }
    }

    package func fetchUser() async throws(KeeperError) -> ObjectInfo {
        try require(.fetchUser, for: "user.fetch")
        let provider = provider
        _ = try await answer(of: "user.fetch") {
            await provider.fetchUser($0)
        } taking: { user, ticket in
            let now = clock.now()
            note { $0.userFetched(user, ticket, at: now) }
        }
        return board.current.snapshot.objects["user"] ?? .unavailable(.notProvided)
    }

    /// - Parameter taking: takes what the answer brings, before the next call to the provider can begin.
    private func answer<Answer: Sendable>(
        of method: String, _ question: @escaping @Sendable (ProviderSession) async -> QueryOutcome<Answer>,
        taking: (Answer, QuestionTicket) -> Void = { _, _ in }
    ) async throws(KeeperError) -> Answer {
        if isDraining { throw .shuttingDown }
        _ = try heldSession()
        // The session as it is when the turn comes: the call before may have replaced its tokens, or ended it.
        let told: (outcome: QueryOutcome<Answer>, isStale: Bool)? = await inLaneIfRotating {
            guard !isRetired, let held = machine.held else { return nil }
            let ticket = machine.ticket(for: held)
            let told = heard(
                await withinLimit(late: .unreachable()) { await question(ticket.session) },
                since: ticket.generation)
            if !isRetired, case .answer(let answer) = told.0 { taking(answer, ticket) }
            return told
        }
        if isRetired { throw .shuttingDown }
        guard let told else { throw .notSignedIn(machine.phase) }
        if case .answer(let answer) = told.outcome {
            if told.isStale { validateAgain() }
            return answer
        }
        if told.isStale || told.outcome.isEnd {
            // Whether it is gone is for a validation to say.
            _ = await sharedVerdict()
            _ = try heldSession()
        }
        switch told.outcome {
        case .bringing, .answer, .ended, .unreachable: throw unavailable
        case .misconfigured(let reason): throw .misconfigured(reason: reason)
        case .rejected(let reason, let status): throw .upstreamRejected(reason: reason, status: status)
        case .notSupported: throw .notSupported(method: method)
        }
    }

    package nonisolated func headers(of publication: Publication) -> [String: Secret]? {
        publication.session.flatMap(provider.headers(for:))
    }

    package nonisolated func allows(_ question: AccessQuestion, in publication: Publication) -> Bool {
        provider.allows(question, objects: publication.knownObjects(traits))
    }

    package nonisolated func alerts(in publication: Publication) -> [JSONValue] {
        provider.alerts(objects: publication.availableObjects)
    }

    package nonisolated var signInURL: String? { provider.signInURL }
}

extension Publication {
    /// The objects that clients can see, and those that are kept for the provider alone.
    fileprivate func knownObjects(_ traits: ProviderTraits) -> [String: JSONValue] {
        availableObjects.merging(session?.objects.filter { !traits.objects.contains($0.key) } ?? [:]) { seen, _ in seen
        }
    }

    /// The objects that clients can see.
    var availableObjects: [String: JSONValue] {
        snapshot.objects.compactMapValues { info in
            guard case .available(let value, _) = info else { return nil }
            return value
        }
    }
}

extension QueryOutcome {
    fileprivate var isEnd: Bool {
        guard case .ended = self else { return false }
        return true
    }
}
