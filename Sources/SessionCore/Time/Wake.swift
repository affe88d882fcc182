/// When something is to be done, in milliseconds of the boot clock, and by how much it may be late.
package struct Wake: Sendable, Hashable {
    package let boot: Int64
    package let toleranceMs: Int64

    package init(boot: Int64, toleranceMs: Int64 = 0) {
        self.boot = boot
        self.toleranceMs = toleranceMs
    }

    /// One for both: at the time of the earlier, and no later than either may be.
    package func joined(with other: Wake) -> Wake {
        let earliest = min(boot, other.boot)
        return Wake(boot: earliest, toleranceMs: min(latest, other.latest) - earliest)
    }

    package var latest: Int64 { boot + toleranceMs }

    /// The time that it shares with others which may be as late: the next multiple of the greatest power of two that the
    /// tolerance holds.
    package var shared: Int64 {
        guard toleranceMs > 0 else { return boot }
        let step: Int64 = 1 << (Int64.bitWidth - 1 - toleranceMs.leadingZeroBitCount)
        return (boot + step - 1) & ~(step - 1)
    }
}
