/// What a profile's configuration and its daemon fix for the life of a keeper.
package struct ProfileSettings: Sendable {
    package var profile: String
    /// The daemon process's UUID.
    package var instance: String
    package var traits: ProviderTraits
    package var heartbeat: HeartbeatPolicy
    /// Used where a sign-in names no duration; nil means the provider's default.
    package var sessionDurationMinutes: Int?
    /// Whether every heartbeat also extends the session by its duration.
    package var keepAlive: Bool
    /// Where revisions begin: a keeper that takes another's place within an instance must not go back.
    package var firstRevision: Int64 = 0
    /// Where the generations of records begin, for the same reason: an image of an earlier one must not pass for newer.
    package var firstGeneration: UInt64 = 0
    /// The clock's; nil where it has none.
    var bootID: String?

    package init(
        profile: String, instance: String, traits: ProviderTraits, heartbeat: HeartbeatPolicy = HeartbeatPolicy(),
        sessionDurationMinutes: Int? = nil, keepAlive: Bool = false
    ) {
        self.profile = profile
        self.instance = instance
        self.traits = traits
        self.heartbeat = heartbeat
        self.sessionDurationMinutes = sessionDurationMinutes
        self.keepAlive = keepAlive
    }

    var durationMinutes: Int { sessionDurationMinutes ?? traits.defaultDurationMinutes }
}

/// When a session is validated, and when again after a failure. All times are milliseconds.
package struct HeartbeatPolicy: Sendable, Hashable {
    package var intervalMs: Int64
    /// Bounds every call to the provider.
    package var timeoutMs: Int64
    /// The share of a delay by which it may be longer or shorter, 0 to 1. 0 switches off all jitter.
    package var jitter: Double

    package init(intervalMs: Int64 = 180_000, timeoutMs: Int64 = 10_000, jitter: Double = 0.1) {
        self.intervalMs = intervalMs
        self.timeoutMs = timeoutMs
        self.jitter = jitter
    }

    static let longestBackoffMs: Int64 = 256_000

    func regularDelay(dice: Double) -> Int64 { spread(intervalMs, dice) }

    /// 4, 8, 16 … 256 seconds. A provider's `Retry-After` counts up to 256 seconds and never shortens the delay.
    func backoff(failures: Int64, retryAfterMs: Int64?, dice: Double) -> Int64 {
        let doublings = min(max(failures, 1) - 1, 6)
        let delay = spread(min(4000 << doublings, Self.longestBackoffMs), dice)
        return max(delay, min(retryAfterMs ?? 0, Self.longestBackoffMs))
    }

    /// One to two seconds, so that a service that replicates slowly has caught up.
    func recheckDelay(dice: Double) -> Int64 { 1000 + (jitter > 0 ? Int64(1000 * dice) : 0) }

    /// Up to two seconds after a resume, so that many profiles do not ask in the same instant.
    func resumeDelay(dice: Double) -> Int64 { jitter > 0 ? Int64(2000 * dice) : 0 }

    private func spread(_ delay: Int64, _ dice: Double) -> Int64 {
        max(1, delay + Int64(Double(delay) * jitter * (2 * dice - 1)))
    }
}
