import SessionProtocol

/// A question to the provider that is under way: which session it is about, and what was known when it was asked.
package struct QuestionTicket: Sendable {
    package let session: ProviderSession
    let generation: UInt64
    let userAnswers: UInt64
}

/// What a validation's answer has come to.
package enum ValidationVerdict: Sendable, Hashable {
    case confirmed
    /// The session is gone; the machine has ended it.
    case ended
    /// Ask once more after that many milliseconds before believing that it is gone.
    case recheck(afterMs: Int64)
    /// No usable answer; the session is kept.
    case unreachable
    case misconfigured(reason: String)
    case rejected(reason: String, status: Int?)
    /// The answer is about a session that has changed since; it was dropped.
    case superseded
}

extension ProfileMachine {
    /// Starts a validation; nil where no session is held.
    package mutating func beginValidation(at now: Moment) -> QuestionTicket? {
        guard let held else { return nil }
        heartbeat.status.lastAttemptAt = now.wall
        return ticket(for: held)
    }

    func ticket(for held: HeldSession) -> QuestionTicket {
        QuestionTicket(session: held.providerSession, generation: generation, userAnswers: userAnswers)
    }

    /// Takes the provider's answer. `isRecheck` says that this was the second question about an end.
    package mutating func finishValidation(
        _ ticket: QuestionTicket, _ outcome: ProviderOutcome, isRecheck: Bool, at now: Moment, dice: Double
    ) -> ValidationVerdict {
        elapse(to: now)
        guard ticket.generation == generation, let held else { return .superseded }
        switch outcome {
        case .confirmed(var confirmation):
            if ticket.userAnswers != userAnswers { confirmation.objects.removeValue(forKey: "user") }
            confirm(held, confirmation, at: now, dice: dice)
            // What was confirmed may end in this very instant.
            elapse(to: now)
            return .confirmed
        case .ended(let reason):
            if !isRecheck, settings.traits.rechecksYoungSessions, held.isYoung(at: now) {
                return .recheck(afterMs: settings.heartbeat.recheckDelay(dice: dice))
            }
            switch reason {
            case .endedElsewhere:
                end(isBeingRevoked ? .revoked : .endedElsewhere, at: now)
            case .expired: end(.expired, reason: .expired, at: now)
            }
            return .ended
        case .needsRecheck:
            if !isRecheck { return .recheck(afterMs: settings.heartbeat.recheckDelay(dice: dice)) }
            fail(held, .upstreamUnavailable, retryAfterMs: nil, at: now, dice: dice)
            return .unreachable
        case .unreachable(let retryAfterMs), .throttled(let retryAfterMs):
            fail(held, .upstreamUnavailable, retryAfterMs: retryAfterMs, at: now, dice: dice)
            return .unreachable
        case .misconfigured(let reason):
            fail(held, .misconfigured, retryAfterMs: nil, at: now, dice: dice)
            return .misconfigured(reason: reason)
        case .rejected(let reason, let status):
            fail(held, .upstreamUnavailable, retryAfterMs: nil, at: now, dice: dice)
            return .rejected(reason: reason, status: status)
        case .challenge(let challenge):
            // What was handed in is a sign-in that waits for its next step.
            let wasDetached = isDetached
            end(.endedElsewhere, at: now)
            // Another sign-in that somebody has begun since goes on.
            if pending == nil { challenged(challenge, at: now) }
            isDetached = wasDetached
            return .ended
        case .bringing, .confirmationNeeded, .sessionRequired, .invalidField, .notSupported:
            // No answer to this question. The session is kept, as after any answer that cannot be read.
            fail(held, .upstreamUnavailable, retryAfterMs: nil, at: now, dice: dice)
            return .unreachable
        }
    }

    private mutating func confirm(_ held: HeldSession, _ confirmation: Confirmation, at now: Moment, dice: Double) {
        var session = held
        take(confirmation, into: &session, at: now)
        tenure = .held(session)
        heartbeat.status.lastSuccessAt = now.wall
        heartbeat.status.failures = 0
        heartbeat.status.lastError = nil
        heartbeat.schedule(after: settings.heartbeat.regularDelay(dice: dice), at: now)
        switch (held.standing, session.standing) {
        case (.locked, .locked): break
        case (_, .locked): cause = Cause(.locked, at: now.wall)
        case (.locked, _): cause = Cause(.unlocked, at: now.wall)
        default:
            if held.standing != session.standing || isContentChange(from: held, to: session) {
                cause = Cause(.validated, at: now.wall)
            }
        }
    }

    mutating func take(_ confirmation: Confirmation, into session: inout HeldSession, at now: Moment) {
        if confirmation.objects.keys.contains("user") { userAnswers += 1 }
        let before = session
        session.confirm(confirmation, at: now)
        handOver(session.tokens, ofQueuedFor: before)
    }

    private func isContentChange(from old: HeldSession, to new: HeldSession) -> Bool {
        old.deadline?.wall != new.deadline?.wall
            || settings.traits.objects.contains { name in
                settings.traits.isChange(of: name, from: old.objects[name]?.value, to: new.objects[name]?.value)
            }
    }

    /// The session is kept and asked about again, for ever.
    private mutating func fail(
        _ held: HeldSession, _ kind: Cause.Kind, retryAfterMs: Int64?, at now: Moment, dice: Double
    ) {
        heartbeat.status.failures += 1
        heartbeat.status.lastError = HeartbeatStatus.Failure(kind: kind.rawValue, at: now.wall)
        let delay = settings.heartbeat.backoff(
            failures: heartbeat.status.failures, retryAfterMs: retryAfterMs, dice: dice)
        heartbeat.schedule(after: delay, at: now)
        var session = held
        if held.standing == .active || (held.standing == .stale && cause.kind != kind) {
            session.standing = .stale
            cause = Cause(kind, at: now.wall)
        }
        tenure = .held(session)
    }

    /// What was just confirmed is said to be out of date: ask again as soon as after a failure, and not at once, for the
    /// service may always say so.
    package mutating func validateSoon(again dice: Double, at now: Moment) {
        guard case .held = tenure else { return }
        heartbeat.schedule(after: settings.heartbeat.backoff(failures: 1, retryAfterMs: nil, dice: dice), at: now)
    }

    /// Ask at once: something outside has changed.
    package mutating func validateSoon(at now: Moment) {
        guard case .held = tenure else { return }
        heartbeat.schedule(after: 0, at: now)
    }
}
