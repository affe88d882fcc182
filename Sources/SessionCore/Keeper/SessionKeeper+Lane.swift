import SessionProtocol

extension SessionKeeper {
    func enterLane() async {
        if !lane.tryEnter() { await withCheckedContinuation { lane.join($0) } }
    }

    /// Runs a change when its turn comes, if the state is then still the one that the caller expects.
    func inTurn<Result: Sendable>(
        _ expect: Expectation?, _ change: () async throws(KeeperError) -> Result
    ) async throws(KeeperError) -> Result {
        if isDraining { throw .shuttingDown }
        await enterLane()
        defer { lane.leave() }
        if isDraining { throw .shuttingDown }
        let now = clock.now()
        note { $0.elapse(to: now) }
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
        return await bounded(byMs: machine.settings.heartbeat.timeoutMs, on: clock, late: .unreachable()) {
            await provider.change(change, session: session)
        }
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
