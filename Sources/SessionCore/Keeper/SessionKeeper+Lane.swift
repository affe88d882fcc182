import SessionProtocol

extension SessionKeeper {
    private func enterLane() async {
        if !lane.tryEnter() { await withCheckedContinuation { lane.join($0) } }
    }

    private func leaveLane() {
        if !isDraining, let id = machine.held?.sessionID, earlyHints.contains(id) { validateAgain() }
        earlyHints = []
        lane.leave()
    }

    /// Runs a call to the provider, by itself where every answer replaces the credentials: two calls at once would use
    /// one set twice. Not to be awaited by a change, which has the lane.
    func inLaneIfRotating<Answer: Sendable>(_ call: () async -> Answer) async -> Answer {
        traits.rotatesCredentials ? await inLane(call) : await call()
    }

    func inLane<Answer: Sendable>(_ call: () async -> Answer) async -> Answer {
        await enterLane()
        defer { leaveLane() }
        return await call()
    }

    /// Runs a change when its turn comes, if the state is then still the one that the caller expects.
    func inTurn<Result: Sendable>(
        _ expect: Expectation?, _ change: () async throws(KeeperError) -> Result
    ) async throws(KeeperError) -> Result {
        if isDraining { throw .shuttingDown }
        await enterLane()
        defer { leaveLane() }
        if isDraining { throw .shuttingDown }
        let now = clock.now()
        elapse(to: now)
        if machine.tenure == .sealed { throw .keyUnavailable }
        if machine.tenure == .loading { throw .notSignedIn(.loading) }
        if let expect {
            let snapshot = board.current.snapshot
            guard expect.revision == snapshot.revision, expect.instance ?? snapshot.instance == snapshot.instance else {
                throw .conflict(revision: snapshot.revision)
            }
        }
        return try await change()
    }

    /// Asks the provider for a change, within the profile's time limit.
    func ask(_ change: SessionChange, session: ProviderSession?) async -> ProviderOutcome {
        let provider = provider
        return await withinLimit(late: .unreachable()) {
            await provider.change(change, session: session)
        }
    }

    /// The outcome, once the news that it brings are taken, and whether these want a validation.
    func heard<Outcome: BringsNews>(_ outcome: Outcome, since generation: UInt64) -> (Outcome, isStale: Bool) {
        let (news, outcome) = outcome.parted
        guard let news, !isRetired else { return (outcome, false) }
        note { $0.heard(news, since: generation) }
        return (outcome, news.isStale)
    }

    func heldSession() throws(KeeperError) -> HeldSession {
        if machine.tenure == .sealed { throw .keyUnavailable }
        guard let held = machine.held else { throw .notSignedIn(machine.phase) }
        return held
    }

    func require(_ operation: ProviderOperation, for method: String) throws(KeeperError) {
        guard traits.operations.contains(operation) else { throw .notSupported(method: method) }
    }

    var unavailable: KeeperError {
        .upstreamUnavailable(nextAttemptAt: machine.heartbeat.status.nextAttemptAt)
    }
}
