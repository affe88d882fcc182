/// The time for one answer to the keeper, which several calls may have to share. A little shorter than the keeper's own
/// limit: what comes after that is dropped, and with it what was found out.
struct AgnostTime: Sendable {
    private let totalMs: Int64
    private let end: ContinuousClock.Instant

    init(limitMs: Int64) {
        totalMs = limitMs - limitMs / 20
        end = .now + .milliseconds(totalMs)
    }

    var leftMs: Int64 {
        let left = end - .now
        return left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
    }

    /// What a call may take at most that others are to follow.
    var halfMs: Int64 { totalMs / 2 }
}
