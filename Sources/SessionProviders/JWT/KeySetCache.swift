/// The keys that were fetched last, and when to fetch again. Times are Unix milliseconds; a clock that was set back
/// makes keys old, never young.
struct KeySetCache: Sendable {
    /// How long keys are believed without asking again.
    static let lifetimeMs: Int64 = 3_600_000
    /// The least time between a fetch for an id that was unknown and the next, however many unknown ids come in.
    static let pauseMs: Int64 = 300_000
    static let pauseAfterFailureMs: Int64 = 30_000

    /// The last that could be had: it stays in use while a newer one cannot.
    private(set) var keys: KeySet?
    private var fetchedAt: Int64?
    private var failedAt: Int64?
    /// The last fetch that was made for an unknown id, or that left one unknown. The first fetch, and the hourly one,
    /// must not stand in the way of a key that is new a minute later.
    private var fetchedForUnknownAt: Int64?

    /// Whether to fetch before a JWT with that key id is judged.
    func wantsFetch(for id: String, at now: Int64) -> Bool {
        if isYounger(failedAt, than: Self.pauseAfterFailureMs, at: now) { return false }
        guard let keys, isYounger(fetchedAt, than: Self.lifetimeMs, at: now) else { return true }
        return !keys.contains(id) && !isYounger(fetchedForUnknownAt, than: Self.pauseMs, at: now)
    }

    /// Whether the keys are new enough to say that an id which is not among them does not exist.
    func isRecent(at now: Int64) -> Bool { isYounger(fetchedAt, than: Self.pauseMs, at: now) }

    /// Takes the end of a fetch that was made for that key id; nil: it brought nothing of use.
    mutating func fetched(_ new: KeySet?, for id: String, at now: Int64) {
        guard let new else {
            failedAt = now
            return
        }
        let wasUnknown = keys.map { !$0.contains(id) } ?? false
        if wasUnknown || !new.contains(id) { fetchedForUnknownAt = now }
        failedAt = nil
        keys = new
        fetchedAt = now
    }

    private func isYounger(_ time: Int64?, than ageMs: Int64, at now: Int64) -> Bool {
        guard let time, time <= now else { return false }
        let (age, hasOverflown) = now.subtractingReportingOverflow(time)
        return !hasOverflown && age < ageMs
    }
}
