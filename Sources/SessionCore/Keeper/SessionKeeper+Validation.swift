import Logging
import SessionProtocol

extension SessionKeeper {
    /// One validation at a time, its answer shared by all who wait.
    func startFlight() {
        guard flight == nil else { return }
        let now = clock.now().boot
        vitalsBoard.update { $0.progressAt = now }
        flight = Task { await self.fly() }
    }

    /// Joins the validation under way, or starts one.
    func sharedVerdict() async -> ValidationVerdict {
        startFlight()
        return await flight?.value ?? .superseded
    }

    private func fly() async -> ValidationVerdict {
        let verdict = await inLaneIfRotating { await validate() }
        flight = nil
        if mustRevalidate {
            mustRevalidate = false
            let now = clock.now()
            note { $0.validateSoon(at: now) }
        }
        startDueWork(at: clock.now())
        rearm()
        return verdict
    }

    private func validate() async -> ValidationVerdict {
        var isRecheck = false
        var hasWaitedForChange = false
        while true {
            // The keeper that comes next may be using the credentials already.
            if isRetired { return .superseded }
            let start = clock.now()
            guard let ticket = note({ $0.beginValidation(at: start) }) else { return .superseded }
            let (outcome, isStale) = heard(await askAbout(ticket), since: ticket.generation)
            let answeredAt = clock.now().boot
            vitalsBoard.update { $0.checkedAt = answeredAt }
            if isRetired { return .superseded }
            if case .ended = outcome, lane.isOccupied, !machine.isBeingRevoked, !traits.rotatesCredentials,
                !hasWaitedForChange
            {
                // The change under way may have replaced the very token that was asked about. Where answers always do,
                // this validation has the lane itself.
                hasWaitedForChange = true
                await inLane {}
                if isRetired { return .superseded }
                continue
            }
            let now = clock.now()
            let dice = clock.random()
            let before = machine.phase
            let verdict = note { machine in
                let verdict = machine.finishValidation(ticket, outcome, isRecheck: isRecheck, at: now, dice: dice)
                if isStale, verdict == .confirmed { machine.validateSoon(again: dice, at: now) }
                return verdict
            }
            log(verdict, before: before)
            guard case .recheck(let delay) = verdict else { return verdict }
            guard (try? await clock.sleep(untilBoot: now.boot + delay)) != nil else { return .superseded }
            // The second question is about the same session, or it is the first about another.
            guard !isRetired, ticket.generation == machine.generation else { return .superseded }
            isRecheck = true
        }
    }

    private func askAbout(_ ticket: QuestionTicket) async -> ProviderOutcome {
        let provider = provider
        let logger = logger
        let change = keptAlive(ticket.session, at: clock.now())
        return await withinLimit(late: .unreachable()) {
            guard let change else { return await provider.validate(ticket.session) }
            let outcome = await provider.change(change, session: ticket.session)
            guard case (let news, .rejected(let reason, _)) = outcome.parted else { return outcome }
            // Refused is the extension, not the session.
            logger.event(
                .extensionRefused, "the auth service refuses to extend the session", metadata: ["reason": "\(reason)"])
            var session = ticket.session
            session.tokens = news?.tokens ?? session.tokens
            let (newer, verdict) = await provider.validate(session).parted
            return verdict.bringing(SessionNews(tokens: newer?.tokens ?? news?.tokens))
        }
    }

    /// The extension that keeps the session alive. None where somebody has given it a later end: that would cut it.
    private func keptAlive(_ session: ProviderSession, at now: Moment) -> SessionChange? {
        let settings = machine.settings
        guard settings.keepAlive, traits.operations.contains(.extend) else { return nil }
        let end = now.wall + Int64(settings.durationMinutes) * 60_000
        if let held = session.expiresAt, held >= end { return nil }
        return .extend(minutes: settings.durationMinutes)
    }

    private func log(_ verdict: ValidationVerdict, before: Phase) {
        switch verdict {
        case .confirmed:
            if before != .active { logger.event(.sessionConfirmed, "session confirmed") }
        case .ended: break  // Told by `tellEnd`, whatever ended it.
        case .recheck: logger.info("the auth service does not know this young session; asking once more")
        case .unreachable: logger.event(.heartbeatFailed, "the auth service cannot be reached; the session is kept")
        case .misconfigured(let reason):
            logger.event(
                .misconfigured, "the auth service refuses the settings; the session is kept",
                metadata: ["reason": "\(reason)"])
        case .rejected(let reason, _):
            logger.event(
                .heartbeatFailed, "the auth service refused the question; the session is kept",
                metadata: ["reason": "\(reason)"])
        case .superseded: logger.debug("an answer about an earlier state was dropped")
        }
    }

    func listenForHints() {
        guard hints == nil, let stream = provider.hints else { return }
        hints = Task { [weak self] in
            for await hint in stream { await self?.take(hint) }
        }
    }

    private func take(_ hint: ProviderHint) {
        guard !isDraining else { return }
        if lane.isOccupied { earlyHints.formUnion(hint.sessionIDs) }
        guard let held = machine.held, held.sessionID.map(hint.sessionIDs.contains) ?? true else { return }
        validateAgain()
    }

    /// Validates now; where a validation is under way, once more after it.
    func validateAgain() {
        if flight != nil {
            mustRevalidate = true
        } else {
            startFlight()
        }
    }
}
