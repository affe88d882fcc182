/// The keys that were fetched last, and when to fetch again. Times are Unix milliseconds; a clock that was set back
/// makes keys old, never young.
struct KeySetCache: Sendable {
    /// How long keys are believed without asking again.
    static let lifetimeMs: Int64 = 3_600_000
    /// The least time between a fetch and the next, however many unknown ids come in.
    static let pauseMs: Int64 = 300_000
    static let pauseAfterFailureMs: Int64 = 30_000

    /// The last that could be had: it stays in use while a newer one cannot.
    private(set) var keys: KeySet?
    private var fetchedAt: Int64?
    private var lastAttempt: (at: Int64, hasFailed: Bool)?

    /// Whether to fetch before a JWT with that key id is judged.
    func wantsFetch(for id: String, at now: Int64) -> Bool {
        if keys?.contains(id) == true, isYounger(fetchedAt, than: Self.lifetimeMs, at: now) { return false }
        guard let lastAttempt else { return true }
        let pause = lastAttempt.hasFailed ? Self.pauseAfterFailureMs : Self.pauseMs
        return !isYounger(lastAttempt.at, than: pause, at: now)
    }

    /// Whether the keys are new enough to say that an id which is not among them does not exist.
    func isRecent(at now: Int64) -> Bool { isYounger(fetchedAt, than: Self.pauseMs, at: now) }

    /// Takes a fetch's end; nil: it brought nothing of use.
    mutating func fetched(_ new: KeySet?, at now: Int64) {
        lastAttempt = (now, new == nil)
        guard let new else { return }
        keys = new
        fetchedAt = now
    }

    private func isYounger(_ time: Int64?, than ageMs: Int64, at now: Int64) -> Bool {
        guard let time, time <= now else { return false }
        let (age, hasOverflown) = now.subtractingReportingOverflow(time)
        return !hasOverflown && age < ageMs
    }
}
