import Logging
import SessionProtocol

extension SessionKeeper {
    package func revoke(_ target: RevocationTarget, force: Bool, expect: Expectation?)
        async throws(KeeperError) -> RevocationResult
    {
        let done = try await inTurn(expect) { () async throws(KeeperError) -> RevocationResult? in
            let target = isOwn(target) ? .current : target
            try requireRevocation(target)
            guard let held = machine.held else { return try revokeWithoutSession(target) }
            let endsNow = force && (target == .current || target == .all)
            let now = clock.now()
            let id = newIdentifier()
            // Queued before it is asked for: a crash between the provider's answer and ours loses nothing.
            let entry = try commit { machine -> QueuedRevocation? in
                let entry = machine.queueRevocation(target, id: id, at: now)
                if endsNow { machine.revokedLocally(at: now) }
                return entry
            }
            guard let entry else { throw .notSignedIn(machine.phase) }
            let outcome = await believable(isYoung: held.isYoung(at: now)) { await ask(entry) }
            // It stays queued, and the keeper that comes next asks again.
            if isRetired { throw .shuttingDown }
            return try conclude(entry, outcome, isForced: endsNow)
        }
        if let done { return done }
        // Others were to be ended in the name of a session that is gone itself: the validation ends it here.
        _ = await sharedVerdict()
        throw machine.held == nil ? .notSignedIn(machine.phase) : unavailable
    }

    /// A service that replicates slowly may not know a young session yet: `gone` is asked for once more.
    func believable(isYoung: Bool, _ ask: () async -> RevocationOutcome) async -> RevocationOutcome {
        let outcome = await ask()
        guard outcome == .gone, isYoung, traits.rechecksYoungSessions else { return outcome }
        let delay = machine.settings.heartbeat.recheckDelay(dice: clock.random())
        guard (try? await clock.sleep(untilBoot: clock.now().boot + delay)) != nil else { return .unreachable() }
        return await ask()
    }

    /// Nobody is signed in: the own session needs no ending, and an earlier revocation may still be on its way.
    private func revokeWithoutSession(_ target: RevocationTarget) throws(KeeperError) -> RevocationResult {
        switch target {
        case .current, .all:
            let isPending = !machine.revocations.isEmpty
            let now = clock.now()
            note { $0.hurryRevocations(at: now) }
            startDueWork(at: now)
            return RevocationResult(isConfirmed: !isPending, isPending: isPending, publication: board.current)
        case .others, .session: throw .notSignedIn(machine.phase)
        }
    }

    private func isOwn(_ target: RevocationTarget) -> Bool {
        guard case .session(let id) = target else { return false }
        guard let held = machine.held else { return false }
        return id == held.sessionID || id == provider.sessionID(of: held.tokens)
    }

    private func requireRevocation(_ target: RevocationTarget) throws(KeeperError) {
        switch target {
        case .current: break
        case .others: try require(.revokeOthers, for: "session.revoke")
        case .all: try require(.revokeAll, for: "session.revoke")
        case .session: try require(.revokeByID, for: "session.revoke")
        }
    }

    private func ask(_ entry: QueuedRevocation) async -> RevocationOutcome {
        let provider = provider
        // Its tokens may have been replaced since it was queued, or by the answer before.
        let stored = (machine.revocations.first { $0.id == entry.id } ?? entry).stored
        let (news, outcome) = await withinLimit(late: .unreachable()) {
            await provider.revoke(stored.target, session: stored.session)
        }.parted
        guard let news, !isRetired else { return outcome }
        note { $0.heard(news, of: entry) }
        if news.isStale { validateAgain() }
        return outcome
    }

    /// What the caller of `session.revoke` is told; nil where the session in whose name it was asked is gone.
    private func conclude(_ entry: QueuedRevocation, _ outcome: RevocationOutcome, isForced: Bool)
        throws(KeeperError) -> RevocationResult?
    {
        let now = clock.now()
        let dice = clock.random()
        if outcome == .confirmed || (outcome == .gone && entry.stored.target == .current) {
            note { $0.revocationConfirmed(entry, at: now) }
            logger.event(.revocationConfirmed, "the revocation is confirmed")
            return RevocationResult(isConfirmed: true, isPending: false, publication: board.current)
        }
        guard isForced else {
            note { $0.revocationWithdrawn(entry) }
            switch outcome {
            case .gone: return nil
            case .misconfigured(let reason): throw .misconfigured(reason: reason)
            case .rejected(let reason, let status): throw .upstreamRejected(reason: reason, status: status)
            case .notSupported: throw .notSupported(method: "session.revoke")
            case .bringing, .unreachable, .partly, .confirmed: throw unavailable
            }
        }
        switch outcome {
        case .notSupported, .gone: note { $0.revocationWithdrawn(entry) }
        case .partly:
            note { $0.revocationNarrowed(entry, at: now) }
            startDueWork(at: now)
        case .unreachable(let retryAfterMs):
            note { $0.revocationFailed(entry, retryAfterMs: retryAfterMs, at: now, dice: dice) }
        case .bringing, .misconfigured, .rejected, .confirmed:
            note { $0.revocationFailed(entry, retryAfterMs: nil, at: now, dice: dice) }
        }
        let isPending = machine.revocations.contains { $0.id == entry.id }
        if isPending {
            logger.event(.revocationQueued, "the auth service has not confirmed the revocation yet; it is asked again")
        } else {
            logger.event(.revocationDropped, "the auth service cannot carry the revocation out; it is dropped")
        }
        return RevocationResult(isConfirmed: false, isPending: isPending, publication: board.current)
    }

    /// Works off the queue, one at a time, until nothing is due.
    func startRevoking() {
        guard !isRevoking, !isDraining else { return }
        isRevoking = true
        Task {
            while let entry = machine.dueRevocation(at: clock.now()), !isDraining {
                await inLaneIfRotating {
                    // Its caller may have been told meanwhile that nothing came of it.
                    guard !isRetired, machine.revocations.contains(where: { $0.id == entry.id }) else { return }
                    let outcome = await ask(entry)
                    if !isRetired { settle(entry, outcome) }
                }
            }
            isRevoking = false
            rearm()
        }
    }

    private func settle(_ entry: QueuedRevocation, _ outcome: RevocationOutcome) {
        let now = clock.now()
        let dice = clock.random()
        switch outcome {
        case .gone where traits.rechecksYoungSessions && entry.stored.queuedAt > now.wall - 30_000:
            // It may be so young that the service has not heard of it everywhere.
            note { $0.revocationFailed(entry, retryAfterMs: nil, at: now, dice: dice) }
        case .gone where entry.stored.target != .current:
            logger.event(
                .revocationDropped,
                "the session in whose name others were to be ended is gone; the revocation is dropped")
            note { $0.revocationConfirmed(entry, at: now) }
        case .confirmed, .gone:
            logger.event(.revocationConfirmed, "a queued revocation is confirmed")
            note { $0.revocationConfirmed(entry, at: now) }
        case .unreachable(let retryAfterMs):
            note { $0.revocationFailed(entry, retryAfterMs: retryAfterMs, at: now, dice: dice) }
        case .partly where entry.stored.target == .all:
            logger.error("some of the user's other sessions cannot be ended; the own one is")
            note { $0.revocationNarrowed(entry, at: now) }
        case .bringing, .partly: note { $0.revocationFailed(entry, retryAfterMs: nil, at: now, dice: dice) }
        case .misconfigured(let reason):
            tellRefusal(reason)
            note { $0.revocationFailed(entry, retryAfterMs: nil, at: now, dice: dice) }
        case .rejected(let reason, _) where entry.isAboutOwnSession && !entry.hasOutlivedSession(at: now):
            // Its session was ended here on the promise that the service will be told.
            tellRefusal(reason)
            note { $0.revocationFailed(entry, retryAfterMs: nil, at: now, dice: dice) }
        case .rejected(let reason, _):
            logger.event(
                .revocationDropped, "a revocation was refused for good and is dropped",
                metadata: ["reason": "\(reason)"])
            note { $0.revocationWithdrawn(entry) }
        case .notSupported:
            logger.event(.revocationDropped, "the auth service cannot carry the revocation out; it is dropped")
            note { $0.revocationWithdrawn(entry) }
        }
    }

    private func tellRefusal(_ reason: String) {
        logger.event(
            .revocationRefused, "the auth service refuses a revocation; it is asked again",
            metadata: ["reason": "\(reason)"])
    }
}
