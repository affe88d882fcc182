import Logging
import SessionProtocol

extension SessionKeeper {
    /// One validation at a time, its answer shared by all who wait.
    func startFlight() {
        guard flight == nil else { return }
        flight = Task { await self.fly() }
    }

    /// Joins the validation under way, or starts one.
    func sharedVerdict() async -> ValidationVerdict {
        startFlight()
        return await flight?.value ?? .superseded
    }

    private func fly() async -> ValidationVerdict {
        // Where every answer replaces the credentials, two calls at once would use one set twice.
        if traits.rotatesCredentials { await enterLane() }
        let verdict = await validate()
        if traits.rotatesCredentials { lane.leave() }
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
        while true {
            let start = clock.now()
            guard let ticket = note({ $0.beginValidation(at: start) }) else { return .superseded }
            let outcome = await askAbout(ticket)
            let now = clock.now()
            let dice = clock.random()
            let before = machine.phase
            let verdict = note {
                $0.finishValidation(ticket, outcome, isRecheck: isRecheck, at: now, dice: dice)
            }
            log(verdict, before: before)
            guard case .recheck(let delay) = verdict else { return verdict }
            isRecheck = true
            // Cancelled only when the daemon stops: the end is then found by the next one.
            guard (try? await clock.sleep(untilBoot: now.boot + delay)) != nil else { return .superseded }
        }
    }

    private func askAbout(_ ticket: ValidationTicket) async -> ProviderOutcome {
        let settings = machine.settings
        let provider = provider
        return await bounded(byMs: settings.heartbeat.timeoutMs, on: clock, late: .unreachable()) {
            guard settings.keepAlive, settings.traits.operations.contains(.extend) else {
                return await provider.validate(ticket.session)
            }
            return await provider.change(.extend(minutes: settings.durationMinutes), session: ticket.session)
        }
    }

    private func log(_ verdict: ValidationVerdict, before: Phase) {
        switch verdict {
        case .confirmed:
            if before != .active { logger.info("session confirmed") }
        case .ended: logger.notice("the auth service says that the session is gone")
        case .recheck: logger.info("the auth service does not know this young session; asking once more")
        case .unreachable: logger.warning("the auth service cannot be reached; the session is kept")
        case .misconfigured(let reason):
            logger.error(
                "the auth service refuses the settings; the session is kept", metadata: ["reason": "\(reason)"])
        case .rejected(let reason, _):
            logger.warning(
                "the auth service refused the question; the session is kept", metadata: ["reason": "\(reason)"])
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
        guard !isDraining, let held = machine.held else { return }
        if let sessionID = held.sessionID, !hint.sessionIDs.contains(sessionID) { return }
        if flight != nil {
            mustRevalidate = true
        } else {
            startFlight()
        }
    }
}
