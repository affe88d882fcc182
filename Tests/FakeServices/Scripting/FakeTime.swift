import Glibc

/// Unix milliseconds as a service spells them.
enum FakeTime {
    /// ISO 8601 in UTC with three digits after the second.
    static func iso(_ milliseconds: Int64) -> String {
        var second = time_t(milliseconds / 1000)
        var parts = tm()
        gmtime_r(&second, &parts)
        let date = [(parts.tm_year + 1900, 4), (parts.tm_mon + 1, 2), (parts.tm_mday, 2)].map(padded)
        let clock = [(parts.tm_hour, 2), (parts.tm_min, 2), (parts.tm_sec, 2)].map(padded)
        let fraction = padded(Int32(milliseconds % 1000), 3)
        return "\(date.joined(separator: "-"))T\(clock.joined(separator: ":")).\(fraction)Z"
    }

    private static func padded(_ number: Int32, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
