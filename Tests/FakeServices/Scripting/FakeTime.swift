import Glibc

/// Unix milliseconds as a service spells them.
enum FakeTime {
    /// Digits past the third come from here, so that they vary and never change the millisecond.
    private static let pastMilliseconds = "673870"

    /// ISO 8601 in UTC, with 0 to 9 digits after the second.
    static func iso(_ milliseconds: Int64, digits: Int = 3) -> String {
        var second = time_t(milliseconds / 1000)
        var parts = tm()
        gmtime_r(&second, &parts)
        let date = [(parts.tm_year + 1900, 4), (parts.tm_mon + 1, 2), (parts.tm_mday, 2)].map(padded)
        let clock = [(parts.tm_hour, 2), (parts.tm_min, 2), (parts.tm_sec, 2)].map(padded)
        let fraction = tail(padded(Int32(milliseconds % 1000), 3), digits)
        return "\(date.joined(separator: "-"))T\(clock.joined(separator: ":"))\(fraction)Z"
    }

    /// The same moment with that many digits, nil where the text is no timestamp of ours. Digits are cut, not rounded.
    static func respelled(_ text: String, digits: Int) -> String? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[10] == UInt8(ascii: "T"),
            bytes[13] == UInt8(ascii: ":"), bytes.last == UInt8(ascii: "Z")
        else { return nil }
        let fraction = text.dropFirst(20).dropLast()
        guard fraction.allSatisfy(\.isNumber) else { return nil }
        let milliseconds = (String(fraction) + "000").prefix(3)
        return text.prefix(19) + tail(String(milliseconds), digits) + "Z"
    }

    private static func tail(_ milliseconds: String, _ digits: Int) -> String {
        digits == 0 ? "" : "." + (milliseconds + pastMilliseconds).prefix(digits)
    }

    private static func padded(_ number: Int32, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
