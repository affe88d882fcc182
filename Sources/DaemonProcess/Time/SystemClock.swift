import CLinux
package import SessionCore

/// The machine's clocks.
package struct SystemClock: KeeperClock {
    /// Sleeps are cut to a day: a deadline may lie further ahead than `Duration` arithmetic or a timer can carry.
    private static let longestSleepMs: Int64 = 86_400_000

    package init() {}

    package func now() -> Moment {
        Moment(wall: cl_wall_milliseconds(), boot: cl_boot_milliseconds())
    }

    /// ContinuousClock is CLOCK_BOOTTIME on Linux, so a deadline that passes during suspend fires on resume.
    package func sleep(untilBoot boot: Int64) async throws(CancellationError) {
        while true {
            if Task.isCancelled { throw CancellationError() }
            let (distance, overflow) = boot.subtractingReportingOverflow(cl_boot_milliseconds())
            let remaining = overflow ? (boot > 0 ? Int64.max : 0) : distance
            guard remaining > 0 else { return }
            do {
                try await Task.sleep(
                    for: .milliseconds(min(remaining, Self.longestSleepMs)), clock: ContinuousClock())
            } catch {
                throw CancellationError()
            }
        }
    }

    package func random() -> Double { Double.random(in: 0..<1) }
}
