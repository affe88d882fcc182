/// One instant on both clocks that matter here, in milliseconds.
///
/// `wall` is what providers and clients speak of, and can be set; `boot` (CLOCK_BOOTTIME) counts suspend and cannot.
/// Whatever must happen after a while is measured on `boot`; whatever is shown or stored is `wall`.
package struct Moment: Sendable, Hashable {
    /// Unix milliseconds.
    package let wall: Int64
    /// Milliseconds since the machine started, suspend included.
    package let boot: Int64

    package init(wall: Int64, boot: Int64) {
        self.wall = wall
        self.boot = boot
    }
}

/// When a session ends: at a wall time, and never later than the same span on the boot clock.
///
/// The second bound keeps a session from living longer because somebody turned the clock back.
package struct Deadline: Sendable, Hashable {
    /// The largest integer on the wire (docs/protocol.md, section 1): what a provider tells beyond it has no end.
    static let latest: Int64 = 1 << 53 - 1

    package let wall: Int64
    package let boot: Int64

    /// The deadline `wall`, as seen at `now`.
    package init(wall: Int64, seenAt now: Moment) {
        self.wall = wall
        let (span, spanOverflow) = wall.subtractingReportingOverflow(now.wall)
        let (boot, bootOverflow) = now.boot.addingReportingOverflow(span)
        self.boot = spanOverflow || bootOverflow ? .max : boot
    }

    /// A deadline whose bound on the boot clock is known from before.
    init(wall: Int64, boot: Int64) {
        self.wall = wall
        self.boot = boot
    }

    package func hasPassed(at now: Moment) -> Bool {
        now.wall >= wall || now.boot >= boot
    }

    /// Milliseconds that are left by the clock that is ahead; none or fewer where it has passed.
    package func left(at now: Moment) -> Int64 {
        func distance(_ end: Int64, _ start: Int64) -> Int64 {
            let (distance, overflow) = end.subtractingReportingOverflow(start)
            return overflow ? (end < start ? .min : .max) : distance
        }
        return min(distance(wall, now.wall), distance(boot, now.boot))
    }
}
