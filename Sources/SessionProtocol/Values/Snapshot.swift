/// The whole public state of a profile at one revision.
public struct Snapshot: Sendable, Hashable {
    /// The profile's name.
    public var profile: String
    /// The provider's name: `embedded`, `stytch` and so on.
    public var provider: String
    /// A UUID, new with every daemon process.
    public var instance: String
    /// Grows by at least 1 with every change of the profile within an instance.
    public var revision: Int64
    /// What the session is at.
    public var phase: Phase
    /// Why, and since when.
    public var cause: Cause
    /// Unix milliseconds; nil where there is no session or where sessions have no end.
    public var expiresAt: Int64?
    /// When the provider last confirmed the session, in Unix milliseconds.
    public var lastValidatedAt: Int64?
    /// Every object that the provider knows, by name.
    public var objects: [String: ObjectInfo]
    /// How validation goes.
    public var heartbeat: HeartbeatStatus
    /// The sign-in step that is waited for.
    public var challenge: Challenge?

    /// A snapshot of these parts.
    public init(
        profile: String, provider: String, instance: String, revision: Int64, phase: Phase, cause: Cause,
        expiresAt: Int64?, lastValidatedAt: Int64?, objects: [String: ObjectInfo], heartbeat: HeartbeatStatus,
        challenge: Challenge?
    ) {
        self.profile = profile
        self.provider = provider
        self.instance = instance
        self.revision = revision
        self.phase = phase
        self.cause = cause
        self.expiresAt = expiresAt
        self.lastValidatedAt = lastValidatedAt
        self.objects = objects
        self.heartbeat = heartbeat
        self.challenge = challenge
    }
}

/// How validation of a session goes. Times are Unix milliseconds.
public struct HeartbeatStatus: Sendable, Hashable {
    /// The regular distance of two heartbeats.
    public var intervalMs: Int64
    /// When the provider was last asked.
    public var lastAttemptAt: Int64?
    /// When the provider last answered usably.
    public var lastSuccessAt: Int64?
    /// When it will be asked again; nil where no session is held.
    public var nextAttemptAt: Int64?
    /// Attempts that failed since the last success.
    public var failures: Int64
    /// The last failure, nil after a success.
    public var lastError: Failure?

    /// A failed attempt.
    public struct Failure: Sendable, Hashable {
        /// An error kind, such as `upstreamUnavailable`.
        public let kind: String
        /// Unix milliseconds.
        public let at: Int64

        /// A failure of that kind.
        public init(kind: String, at: Int64) {
            self.kind = kind
            self.at = at
        }
    }

    /// The state before the first attempt.
    public init(
        intervalMs: Int64, lastAttemptAt: Int64? = nil, lastSuccessAt: Int64? = nil, nextAttemptAt: Int64? = nil,
        failures: Int64 = 0, lastError: Failure? = nil
    ) {
        self.intervalMs = intervalMs
        self.lastAttemptAt = lastAttemptAt
        self.lastSuccessAt = lastSuccessAt
        self.nextAttemptAt = nextAttemptAt
        self.failures = failures
        self.lastError = lastError
    }
}
