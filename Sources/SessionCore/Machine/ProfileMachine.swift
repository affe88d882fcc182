package import SessionProtocol

/// What a profile holds and what may happen next.
///
/// Pure: time and chance are arguments, nothing is awaited, nothing is written. The keeper applies an event, makes the
/// new `record` durable, publishes the new snapshot, and sleeps until `nextWake`.
package struct ProfileMachine: Sendable {
    /// Whether there is a session.
    package enum Tenure: Sendable, Hashable {
        /// Stored state is not yet read. Exits: `restore`, `seal`, `startOver`.
        case loading
        /// Stored state cannot be opened. Exits: `restore`, `seal`, `startOver`.
        case sealed
        /// No session. Exits: `signedIn`, `handedIn`.
        case vacant(Departure)
        /// A session. Exits: `end` by expiry, verdict, revocation or invalidation; `signedIn`, `handedIn` replace it.
        case held(HeldSession)
    }

    /// How the last session went, or that there was none.
    package struct Departure: Sendable, Hashable {
        package var cause: Cause
        /// Why objects are not there.
        package var reason: ObjectInfo.Reason
        /// Those that are there all the same: they are the service's, not the session's.
        package var lasting: [String: HeldObject] = [:]
    }

    package let settings: ProfileSettings
    package internal(set) var tenure: Tenure = .loading
    /// Why the present session is in its present standing; a departure has its own cause.
    package internal(set) var cause: Cause
    package internal(set) var pending: PendingChallenge?
    package internal(set) var pendingSince: Int64 = 0
    /// What the sign-in that `pending` belongs to has asked for.
    package internal(set) var pendingMinutes: Int?
    package internal(set) var revocations: [QueuedRevocation] = []
    package internal(set) var heartbeat: HeartbeatProgress
    /// A client had the stored state deleted: nothing of this session is stored again.
    package internal(set) var isDetached = false
    /// Grows whenever the credentials, their end or an object change by anything but a validation's answer. An answer
    /// to a question of an older generation is dropped.
    package internal(set) var generation: UInt64 = 0
    /// Grows whenever an answer brings the user: of two questions under way, the one that was answered first may have
    /// been asked last.
    package internal(set) var userAnswers: UInt64 = 0

    package init(settings: ProfileSettings, at now: Moment) {
        self.settings = settings
        cause = Cause(.neverSignedIn, at: now.wall)
        heartbeat = HeartbeatProgress(status: HeartbeatStatus(intervalMs: settings.heartbeat.intervalMs))
    }
}

/// Where the heartbeat stands.
package struct HeartbeatProgress: Sendable, Hashable {
    package var status: HeartbeatStatus
    /// When the next attempt is due, on the boot clock; nil while no session is held.
    package var dueAtBoot: Int64?

    mutating func schedule(after delayMs: Int64, at now: Moment) {
        dueAtBoot = now.boot + delayMs
        status.nextAttemptAt = now.wall + delayMs
    }

    /// The attempt's wake-up. A sixteenth of the wait, a second at most, is left to the clock, which has heartbeats of many
    /// profiles come together: on their own each would wake everything that takes part in it.
    func wake(after now: Moment) -> Wake? {
        dueAtBoot.map { Wake(boot: $0, toleranceMs: min(max($0 - now.boot, 0) / 16, 1000)) }
    }

    /// A new session, or none: what was said about the old one no longer counts.
    mutating func reset() {
        status = HeartbeatStatus(intervalMs: status.intervalMs)
        dueAtBoot = nil
    }
}

// MARK: - Stored state

extension ProfileMachine {
    /// The vault has opened what it keeps; nil where it keeps nothing.
    package mutating func restore(_ record: StoredProfile?, at now: Moment) {
        generation += 1
        guard let record else {
            tenure = .vacant(Departure(cause: Cause(.neverSignedIn, at: now.wall), reason: .signedOut))
            return
        }
        revocations = record.revocations.map { QueuedRevocation(stored: $0, dueAtBoot: now.boot) }
        pending = record.challenge
        pendingSince = record.challengeSince ?? now.wall
        pendingMinutes = record.challengeMinutes
        let session = record.session.map { HeldSession(stored: $0, bootID: settings.bootID, seenAt: now) }
        if let session, revocations.contains(where: { $0.ends(session) }) {
            // Somebody has revoked it, and the answer was lost with the process.
            tenure = .held(session)
            end(.revoked, at: now)
        } else if let session {
            tenure = .held(session)
            cause = Cause(.restored, at: now.wall)
            heartbeat.schedule(after: 0, at: now)
        } else {
            tenure = .vacant(
                record.departure ?? Departure(cause: Cause(.neverSignedIn, at: now.wall), reason: .signedOut))
        }
        heartbeat.status.lastSuccessAt = record.lastSuccessAt
        elapse(to: now)
    }

    /// As `restore`, where another record has been restored from an image before: the vault knows better.
    package mutating func restoreInstead(_ record: StoredProfile?, at now: Moment) {
        var machine = ProfileMachine(settings: settings, at: now)
        // Answers to what was asked about the other record are dropped.
        machine.generation = generation
        machine.userAnswers = userAnswers + 1
        machine.restore(record, at: now)
        self = machine
    }

    /// Stored state exists and cannot be opened now.
    package mutating func seal(at now: Moment) {
        if tenure != .sealed { cause = Cause(.keyUnavailable, at: now.wall) }
        tenure = .sealed
    }

    /// Stored state was damaged and has been set aside.
    package mutating func startOver(at now: Moment) {
        generation += 1
        tenure = .vacant(Departure(cause: Cause(.recordCorrupt, at: now.wall), reason: .signedOut))
    }

    /// What must be on disk for this state to survive; nil where there is nothing to keep.
    package var record: StoredProfile? {
        var record = StoredProfile()
        record.revocations = revocations.map(\.stored)
        if !isDetached {
            record.challenge = pending
            record.challengeSince = pending == nil ? nil : pendingSince
            record.challengeMinutes = pending == nil ? nil : pendingMinutes
            record.lastSuccessAt = heartbeat.status.lastSuccessAt
            switch tenure {
            case .held(let session): record.session = StoredSession(session, bootID: settings.bootID)
            case .vacant(let departure) where departure.cause.kind != .neverSignedIn: record.departure = departure
            case .vacant, .loading, .sealed: break
            }
        }
        return record.isWorthKeeping ? record : nil
    }
}

// MARK: - Time

extension ProfileMachine {
    /// Applies what time alone changes: the session's end and the challenge's.
    package mutating func elapse(to now: Moment) {
        if sessionIsOver(at: now) { end(.expired, reason: .expired, at: now) }
        if challengeIsOver(at: now) { pending = nil }
    }

    /// Whether `elapse` would change anything.
    func isOver(at now: Moment) -> Bool { sessionIsOver(at: now) || challengeIsOver(at: now) }

    private func sessionIsOver(at now: Moment) -> Bool {
        guard case .held(let session) = tenure, let deadline = session.deadline else { return false }
        return deadline.hasPassed(at: now)
    }

    private func challengeIsOver(at now: Moment) -> Bool {
        guard let end = pending?.challenge.expiresAt else { return false }
        return end <= now.wall
    }

    /// To be called after every event: tokens come with many.
    package mutating func bindToken(at now: Moment) {
        guard case .held(var session) = tenure else { return }
        session.bindToken(at: now)
        if tenure != .held(session) { tenure = .held(session) }
    }

    /// When something is due next. Wall-clock ends are looked at again when the clock is set.
    /// What is under way is not due: its answer brings the next deadline.
    package func nextWake(after now: Moment, isValidating: Bool, isRevoking: Bool) -> Wake? {
        var wakes = isRevoking ? [] : revocations.compactMap(\.dueAtBoot).map { Wake(boot: $0) }
        if case .held(let session) = tenure {
            if let deadline = session.deadline {
                wakes.append(Wake(boot: min(deadline.boot, Deadline(wall: deadline.wall, seenAt: now).boot)))
            }
            if !isValidating, let wake = heartbeat.wake(after: now) { wakes.append(wake) }
        }
        if let end = pending?.challenge.expiresAt { wakes.append(Wake(boot: Deadline(wall: end, seenAt: now).boot)) }
        return wakes.dropFirst().reduce(wakes.first) { $0?.joined(with: $1) }
    }

    package func validationIsDue(at now: Moment) -> Bool {
        guard case .held = tenure, let due = heartbeat.dueAtBoot else { return false }
        return due <= now.boot
    }

    /// The clock was set, the machine resumed or the network came back: ask soon, whatever the backoff says.
    package mutating func hurry(at now: Moment, dice: Double) {
        guard case .held = tenure else { return }
        heartbeat.status.failures = 0
        heartbeat.schedule(after: settings.heartbeat.resumeDelay(dice: dice), at: now)
    }
}

// MARK: - Ending

extension ProfileMachine {
    var held: HeldSession? {
        guard case .held(let session) = tenure else { return nil }
        return session
    }

    /// Ends the local session. The challenge of somebody signing in anew outlives it.
    mutating func end(_ kind: Cause.Kind, reason: ObjectInfo.Reason = .signedOut, at now: Moment) {
        generation += 1
        tenure = .vacant(Departure(cause: Cause(kind, at: now.wall), reason: reason, lasting: lastingObjects))
        heartbeat.reset()
    }

    /// The objects that are not the session's but the service's, as they are known.
    var lastingObjects: [String: HeldObject] {
        switch tenure {
        case .held(let session): session.objects.filter { settings.traits.lastingObjects.contains($0.key) }
        case .vacant(let departure): departure.lasting
        case .loading, .sealed: [:]
        }
    }
}
