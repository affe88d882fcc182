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

    init(_ session: HeldSession) {
        tokens = session.tokens
        sessionID = session.sessionID
        objects = session.objects
        expiresAt = session.deadline?.wall
        lastValidatedAt = session.lastValidatedAt
        beganAt = session.beganAt
    }

    init(
        tokens: TokenSet, sessionID: String?, objects: [String: HeldObject], expiresAt: Int64?,
        lastValidatedAt: Int64?, beganAt: Int64
    ) {
        self.tokens = tokens
        self.sessionID = sessionID
        self.objects = objects
        self.expiresAt = expiresAt
        self.lastValidatedAt = lastValidatedAt
        self.beganAt = beganAt
    }
}

extension HeldSession {
    init(stored: StoredSession, seenAt now: Moment) {
        self.init(
            tokens: stored.tokens, sessionID: stored.sessionID, objects: stored.objects, standing: .unverified,
            deadline: stored.expiresAt.map { Deadline(wall: $0, seenAt: now) },
            lastValidatedAt: stored.lastValidatedAt, beganAt: stored.beganAt)
    }
}
