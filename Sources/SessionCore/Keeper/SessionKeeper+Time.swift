extension SessionKeeper {
    /// Sleeps until the machine's next deadline, and no longer than that: nothing polls.
    func rearm() {
        let now = clock.now()
        let heartbeat = isDraining || machine.held == nil ? nil : machine.heartbeat.dueAtBoot
        vitalsBoard.update { $0.heartbeatDueAt = heartbeat }
        guard !isDraining, let time = nextWake(after: now) else { return disarm() }
        if let armed = wakeUp?.time, armed.boot == time.boot, armed.shared <= time.latest { return }
        disarm()
        wakeUp = (
            time,
            clock.alarm(at: time) { [weak self] in
                // Goes over to the keeper from here, and not by way of Swift's pool.
                Task.immediate { await self?.wake(armedFor: time) }
            }
        )
    }

    private func disarm() {
        wakeUp?.alarm.cancel()
        wakeUp = nil
    }

    private func wake(armedFor time: Wake) {
        // An alarm that another has replaced in the very moment in which it rang must not disarm the new one.
        if wakeUp?.time == time { wakeUp = nil }
        let now = clock.now()
        retryStore(at: now)
        elapse(to: now)
        startDueWork(at: now)
        rearm()
    }

    func startDueWork(at now: Moment) {
        guard !isDraining else { return }
        if machine.validationIsDue(at: now), flight == nil { startFlight() }
        if machine.dueRevocation(at: now) != nil, !isRevoking { startRevoking() }
    }

    package func settle() -> Publication {
        let now = clock.now()
        elapse(to: now)
        return board.current
    }

    /// The wall clock was set, the machine resumed or the network came back.
    package func timeHasJumped() {
        let now = clock.now()
        let dice = clock.random()
        note { machine in
            machine.elapse(to: now)
            machine.hurry(at: now, dice: dice)
            machine.hurryRevocations(at: now)
        }
        startDueWork(at: now)
    }

    /// How long the call under way is waited for at the end. Where answers replace the credentials, the one that is
    /// on its way may bring the only ones that are good: then for as long as it may take, and no longer than a service
    /// manager waits.
    package nonisolated var lastCallMs: Int64 { traits.rotatesCredentials ? min(callTimeoutMs, 8_000) : 500 }

    /// Refuses what is new, waits for the call that has started, and stores what is newest.
    /// After it nothing is written: the record may be another keeper's.
    package func shutDown() async {
        isDraining = true
        hints?.cancel()
        disarm()
        if lane.isOccupied {
            await bounded(byMs: lastCallMs, on: clock, late: ()) { await self.inLane {} }
        }
        note { _ in }
        isRetired = true
    }
}
