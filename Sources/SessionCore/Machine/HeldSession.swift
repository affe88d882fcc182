package import SessionProtocol

/// An object with its age.
package struct HeldObject: Sendable, Hashable {
    package var value: JSONValue
    /// Unix milliseconds; nil while the provider has never confirmed it.
    package var lastValidatedAt: Int64?
}

/// The session that a profile holds.
package struct HeldSession: Sendable, Hashable {
    package enum Standing: String, Sendable, Hashable {
        /// Not confirmed since it was restored or handed in.
        case unverified
        /// Confirmed; nothing is failing.
        case active
        /// Was confirmed, cannot be at present.
        case stale
        /// The screen is locked at the provider.
        case locked
    }

    package var tokens: TokenSet
    package var sessionID: String?
    package var objects: [String: HeldObject]
    package var standing: Standing
    /// nil where the session has no end, or none is known yet.
    package var deadline: Deadline?
    package var lastValidatedAt: Int64?
    /// When the session began or was handed in, in Unix milliseconds: `ended` about a young one is asked for again.
    package var beganAt: Int64
    /// When the short-lived token ends, by both clocks.
    package var jwtDeadline: Deadline?

    /// Binds the short-lived token's end to the boot clock as soon as it is known: a clock that is set back later does
    /// not make an old token young.
    mutating func bindToken(at now: Moment) {
        let wall = tokens.jwtExpiresAt.map { min($0, Deadline.latest) }
        if jwtDeadline?.wall != wall { jwtDeadline = wall.map { Deadline(wall: $0, seenAt: now) } }
    }

    /// Whether the short-lived token has less than that left, or nothing, by either clock.
    func needsRenewal(minValidMs: Int64, at now: Moment) -> Bool {
        guard let end = tokens.jwtExpiresAt else { return false }
        return (jwtDeadline ?? Deadline(wall: end, seenAt: now)).left(at: now) < max(minValidMs, 1)
    }

    var providerSession: ProviderSession {
        ProviderSession(
            tokens: tokens, sessionID: sessionID, objects: objects.mapValues(\.value), expiresAt: deadline?.wall)
    }

    func isYoung(at now: Moment) -> Bool { beganAt > now.wall - 30_000 }

    /// Takes over everything that the confirmation brings.
    mutating func confirm(_ confirmation: Confirmation, at now: Moment) {
        if let tokens = confirmation.tokens, !tokens.isEmpty { self.tokens = tokens }
        if let sessionID = confirmation.sessionID { self.sessionID = sessionID }
        if let startedAt = confirmation.startedAt { beganAt = startedAt }
        for (name, value) in confirmation.objects {
            objects[name] = value.map { HeldObject(value: $0, lastValidatedAt: now.wall) }
        }
        switch confirmation.expiry {
        case .unchanged: break
        case .never: deadline = nil
        case .at(let end):
            let wall = min(end, Deadline.latest)
            // The same end keeps its boot-clock bound: seeing it again after the clock was set back must not move it.
            if deadline?.wall != wall { deadline = Deadline(wall: wall, seenAt: now) }
        }
        standing = confirmation.isLocked ? .locked : .active
        lastValidatedAt = now.wall
    }
}

extension ProviderTraits {
    /// Whether two values of an object differ in more than members whose change is bookkeeping.
    func isChange(of object: String, from old: JSONValue?, to new: JSONValue?) -> Bool {
        guard old != new else { return false }
        guard let bookkeeping = bookkeepingMembers[object], case .object(var old) = old, case .object(var new) = new
        else { return true }
        for member in bookkeeping {
            old[member] = nil
            new[member] = nil
        }
        return old != new
    }
}
