import CLinux
import Glibc
package import SessionCore

/// The machine's clocks.
package struct SystemClock: KeeperClock {
    /// Sleeps are cut to a day: a deadline may lie further ahead than `Duration` arithmetic or a timer can carry.
    private static let longestSleepMs: Int64 = 86_400_000

    package let bootID: String?

    /// - Parameter boot: the machine's boot ID as the service manager tells it. A sandbox may hide the kernel's own file.
    package init(boot: String? = nil) {
        bootID = boot.flatMap { $0.isEmpty ? nil : $0 } ?? Self.kernelsBootID()
    }

    private static func kernelsBootID() -> String? {
        let file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 64)
        let count = read(file, &text, text.count)
        let digits = text.prefix(max(count, 0)).filter(isHexadecimal)
        return digits.isEmpty ? nil : String(decoding: digits, as: UTF8.self)
    }

    /// Without the dashes, which systemd's spelling lacks.
    private static func isHexadecimal(_ byte: UInt8) -> Bool { Character(UnicodeScalar(byte)).isHexDigit }

    package func now() -> Moment {
        Moment(wall: cl_wall_milliseconds(), boot: cl_boot_milliseconds())
    }

    package func sleep(untilBoot boot: Int64) async throws(CancellationError) {
        if let sleepers = Sleepers.ofProcess { return try await sleepers.sleep(untilBoot: boot) }
        try await sleepAlone(untilBoot: boot)
    }

    package func alarm(at time: Wake, _ action: @escaping @Sendable () -> Void) -> Alarm {
        Sleepers.ofProcess?.alarm(at: time, action) ?? sleepingAlarm(at: time, action)
    }

    /// By a timer of Swift's own. Its ContinuousClock is CLOCK_BOOTTIME on Linux, so a deadline that passes during suspend
    /// fires on resume.
    private func sleepAlone(untilBoot boot: Int64) async throws(CancellationError) {
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
