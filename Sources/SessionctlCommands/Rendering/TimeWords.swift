/// Spans and distances of time in words. Times are Unix milliseconds.
package enum TimeWords {
    /// Two units at most: `12 s`, `2 min 48 s`, `57 min`, `2 h 5 min`, `3 days 4 h`, `40 days`.
    package static func span(_ milliseconds: Int64) -> String {
        let seconds = rounded(milliseconds, to: 1000)
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 600 { return two(seconds / 60, "min", seconds % 60, "s") }
        let minutes = rounded(milliseconds, to: 60_000)
        if minutes < 60 { return "\(minutes) min" }
        if minutes < 24 * 60 { return two(minutes / 60, "h", minutes % 60, "min") }
        let hours = rounded(milliseconds, to: 3_600_000)
        if hours < 14 * 24 { return two(hours / 24, hours / 24 == 1 ? "day" : "days", hours % 24, "h") }
        return "\(rounded(milliseconds, to: 86_400_000)) days"
    }

    /// `in 57 min`; `now` for a time that is due or past.
    package static func until(_ time: Int64, now: Int64) -> String {
        let distance = distance(from: now, to: time)
        return distance < 500 ? "now" : "in \(span(distance))"
    }

    /// `12 s ago`; `just now` within a second, and for a time that a stepped clock has put into the future.
    package static func since(_ time: Int64, now: Int64) -> String {
        let distance = distance(from: time, to: now)
        return distance < 1000 ? "just now" : "\(span(distance)) ago"
    }

    /// The daemon's times are data: a distance that overflows is as good as endless.
    private static func distance(from start: Int64, to end: Int64) -> Int64 {
        let (distance, overflow) = end.subtractingReportingOverflow(start)
        return overflow ? (end > start ? .max : 0) : max(distance, 0)
    }

    private static func rounded(_ value: Int64, to unit: Int64) -> Int64 {
        value / unit + (value % unit >= unit / 2 ? 1 : 0)
    }

    private static func two(_ major: Int64, _ majorUnit: String, _ minor: Int64, _ minorUnit: String) -> String {
        minor == 0 ? "\(major) \(majorUnit)" : "\(major) \(majorUnit) \(minor) \(minorUnit)"
    }
}
