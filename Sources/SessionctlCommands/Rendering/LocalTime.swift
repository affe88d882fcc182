import Glibc

/// Times of day and dates in a time zone. Times are Unix milliseconds.
package struct LocalTime: Sendable {
    private let parts: @Sendable (time_t) -> tm?

    /// The machine's time zone, or the one in `TZ`.
    package static let local = LocalTime { time in
        var time = time
        var parts = tm()
        return localtime_r(&time, &parts) == nil ? nil : parts
    }

    /// UTC.
    package static let utc = LocalTime { time in
        var time = time
        var parts = tm()
        return gmtime_r(&time, &parts) == nil ? nil : parts
    }

    /// `15:04:05`.
    package func clock(_ time: Int64) -> String { format(time, "%H:%M:%S") }

    /// `15:04` on the day of `now`, `Nov 22 15:04` in its year, else `2026-01-03 15:04`.
    package func near(_ time: Int64, now: Int64) -> String {
        guard let then = parts(seconds(time)), let today = parts(seconds(now)) else { return "?" }
        if then.tm_year != today.tm_year { return format(time, "%Y-%m-%d %H:%M") }
        return format(time, then.tm_yday == today.tm_yday ? "%H:%M" : "%b %d %H:%M")
    }

    private func seconds(_ time: Int64) -> time_t { time_t(time >= 0 ? time / 1000 : (time - 999) / 1000) }

    private func format(_ time: Int64, _ pattern: String) -> String {
        guard var parts = parts(seconds(time)) else { return "?" }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let start = buffer.baseAddress else { return "?" }
            return strftime(start, buffer.count, pattern, &parts) > 0 ? String(cString: start) : "?"
        }
    }
}
