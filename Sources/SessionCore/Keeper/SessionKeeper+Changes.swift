package import SessionProtocol

extension SessionKeeper {
    package func authenticate(durationMinutes: Int?, expect: Expectation?) async throws(KeeperError) -> Publication {
        guard let durationMinutes else { return try await validate(expect: expect) }
        try require(.extend, for: "session.authenticate")
        return try await changeHeld(
            .extend(minutes: durationMinutes), cause: .extended, wireMethod: "session.authenticate", expect: expect)
    }

    private func validate(expect: Expectation?) async throws(KeeperError) -> Publication {
        if let expect { try await inTurn(expect) { () async throws(KeeperError) in } }
        if isDraining { throw .shuttingDown }
        let now = clock.now()
        elapse(to: now)
        _ = try heldSession()
        var verdict = await sharedVerdict()
        // Something newer than the question came in between: what holds now must be confirmed, not what held then.
        for _ in 0..<3 where verdict == .superseded && machine.held != nil { verdict = await sharedVerdict() }
        switch verdict {
        case .confirmed, .ended: return board.current
        case .superseded where machine.held == nil: return board.current
        case .superseded, .unreachable, .recheck: throw unavailable
        case .misconfigured(let reason): throw .misconfigured(reason: reason)
        case .rejected(let reason, let status): throw .upstreamRejected(reason: reason, status: status)
        }
    }

    package func update(_ handedIn: HandedInSession, expect: Expectation?) async throws(KeeperError) -> Publication {
        try require(.update, for: "session.update")
        return try await inTurn(expect) { () async throws(KeeperError) in
            let now = clock.now()
            let tokens = provider.tokens(of: handedIn)
            try commit { $0.handedIn(handedIn, tokens: tokens, at: now) }
            let publication = board.current
            startDueWork(at: now)
            return publication
        }
    }

    package func updateUser(_ user: JSONValue, expect: Expectation?) async throws(KeeperError) -> Publication {
        try require(.updateUser, for: "user.update")
        return try await inTurn(expect) { () async throws(KeeperError) in
            _ = try heldSession()
            let now = clock.now()
            _ = try commit { $0.userReplaced(user, at: now) }
            return board.current
        }
    }

    package func invalidate(expect: Expectation?) async throws(KeeperError) -> Publication {
        try await inTurn(expect) { () async throws(KeeperError) in
            let now = clock.now()
            try commit { $0.invalidated(at: now) }
            return board.current
        }
    }

    package func clearLocal(expect: Expectation?) async throws(KeeperError) -> Publication {
        try await inTurn(expect) { () async throws(KeeperError) in
            let now = clock.now()
            try commit { $0.cleared(at: now) }
            return board.current
        }
    }

    package func lock(expect: Expectation?) async throws(KeeperError) -> Publication {
        try require(.lock, for: "session.lock")
        return try await changeHeld(.lock, cause: .locked, wireMethod: "session.lock", expect: expect)
    }

    package func unlock(password: Secret, expect: Expectation?) async throws(KeeperError) -> Publication {
        try require(.lock, for: "session.unlock")
        return try await changeHeld(
            .unlock(password: password), cause: .unlocked, wireMethod: "session.unlock", expect: expect)
    }

    package func switchAccount(id: String, expect: Expectation?) async throws(KeeperError) -> Publication {
        try require(.accounts, for: "account.switch")
        return try await changeHeld(
            .switchAccount(id: id), cause: .accountSwitched, wireMethod: "account.switch", expect: expect)
    }

    /// A change of the held session that the provider carries out.
    private func changeHeld(_ change: SessionChange, cause: Cause.Kind, wireMethod: String, expect: Expectation?)
        async throws(KeeperError) -> Publication
    {
        let done = try await inTurn(expect) { () async throws(KeeperError) in
            try await attempt(change, cause: cause, wireMethod: wireMethod)
        }
        switch done {
        case .carriedOut(let publication): return publication
        case .doubted(let refusal):
            // Whether it is gone is for a validation to say, with its second question about a young session. It may
            // need the lane that the change had.
            let verdict = await sharedVerdict()
            guard verdict == .ended || machine.held == nil else { throw refusal ?? unavailable }
            // Only who asks whether it lives is answered by that it does not.
            if case .extend = change { return board.current }
            throw .notSignedIn(machine.phase)
        }
    }

    private enum Attempt {
        case carriedOut(Publication)
        /// The provider does not know the session, or says that it has changed; what it has refused, if it has.
        case doubted(KeeperError?)
    }

    private func attempt(_ change: SessionChange, cause: Cause.Kind, wireMethod: String)
        async throws(KeeperError) -> Attempt
    {
        let held = try heldSession()
        let generation = machine.generation
        let (outcome, isStale) = heard(await ask(change, session: held.providerSession), since: generation)
        if isRetired { throw .shuttingDown }
        let now = clock.now()
        let dice = clock.random()
        switch outcome {
        case .confirmed(let confirmation):
            // The provider has done it: a store that fails now must not make the daemon forget new tokens.
            note { $0.changed(confirmation, cause: cause, since: generation, at: now, dice: dice) }
            if isStoreFailing { throw .storeFailed }
            return .carriedOut(board.current)
        case .ended, .needsRecheck: return .doubted(nil)
        default:
            let refusal = failure(outcome, wireMethod: wireMethod)
            guard isStale else { throw refusal }
            return .doubted(refusal)
        }
    }
}
