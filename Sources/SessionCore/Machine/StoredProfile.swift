import SessionProtocol

/// What the vault keeps of a profile.
package struct StoredProfile: Sendable, Hashable {
    package var session: StoredSession?
    /// How the last session went, so that a signed-out profile keeps its cause over restarts.
    package var departure: ProfileMachine.Departure?
    package var challenge: PendingChallenge?
    package var challengeSince: Int64?
    package var challengeMinutes: Int?
    package var revocations: [QueuedRevocation.Stored] = []
    package var lastSuccessAt: Int64?

    package init() {}

    /// Whether it says the same as another but for bookkeeping: when that was confirmed, and what a provider calls so. The
    /// next heartbeat says it anew.
    func saysTheSame(as other: StoredProfile, traits: ProviderTraits) -> Bool {
        var (mine, others) = (self, other)
        let (objects, otherObjects) = (mine.takeOutBookkeeping(), others.takeOutBookkeeping())
        guard mine == others, objects.count == otherObjects.count else { return false }
        return objects.allSatisfy { name, object in
            otherObjects[name].map { !traits.isChange(of: name, from: $0.value, to: object.value) } ?? false
        }
    }

    private mutating func takeOutBookkeeping() -> [String: HeldObject] {
        lastSuccessAt = nil
        session?.lastValidatedAt = nil
        defer { session?.objects = [:] }
        return session?.objects ?? [:]
    }

    var isWorthKeeping: Bool {
        session != nil || departure != nil || challenge != nil || !revocations.isEmpty
    }
}

/// A session as it is stored: without its standing, as the provider must confirm it anew.
package struct StoredSession: Sendable, Hashable {
    package var tokens: TokenSet
    package var sessionID: String?
    package var objects: [String: HeldObject]
    package var expiresAt: Int64?
    package var lastValidatedAt: Int64?
    package var beganAt: Int64
    package var bounds: BootBounds?

    /// Ends on the boot clock, which mean something within that boot alone.
    package struct BootBounds: Sendable, Hashable {
        package var bootID: String
        package var endsAt: Int64?
        package var jwtEndsAt: Int64?
    }

    init(_ session: HeldSession, bootID: String?) {
        tokens = session.tokens
        sessionID = session.sessionID
        objects = session.objects
        expiresAt = session.deadline?.wall
        lastValidatedAt = session.lastValidatedAt
        beganAt = session.beganAt
        if let bootID, session.deadline != nil || session.jwtDeadline != nil {
            bounds = BootBounds(bootID: bootID, endsAt: session.deadline?.boot, jwtEndsAt: session.jwtDeadline?.boot)
        }
    }

    init(
        tokens: TokenSet, sessionID: String?, objects: [String: HeldObject], expiresAt: Int64?,
        lastValidatedAt: Int64?, beganAt: Int64, bounds: BootBounds? = nil
    ) {
        self.tokens = tokens
        self.sessionID = sessionID
        self.objects = objects
        self.expiresAt = expiresAt
        self.lastValidatedAt = lastValidatedAt
        self.beganAt = beganAt
        self.bounds = bounds
    }
}

extension HeldSession {
    /// Within the boot in which it was stored it keeps its ends on the boot clock, so that setting the wall clock back
    /// while no daemon ran does not lengthen it.
    init(stored: StoredSession, bootID: String?, seenAt now: Moment) {
        let bounds = stored.bounds.flatMap { $0.bootID == bootID ? $0 : nil }
        func deadline(_ wall: Int64?, _ boot: Int64?) -> Deadline? {
            wall.map { wall in boot.map { Deadline(wall: wall, boot: $0) } ?? Deadline(wall: wall, seenAt: now) }
        }
        self.init(
            tokens: stored.tokens, sessionID: stored.sessionID, objects: stored.objects, standing: .unverified,
            deadline: deadline(stored.expiresAt, bounds?.endsAt),
            lastValidatedAt: stored.lastValidatedAt, beganAt: stored.beganAt,
            jwtDeadline: deadline(stored.tokens.jwtExpiresAt.map { min($0, Deadline.latest) }, bounds?.jwtEndsAt))
    }
}
