/// The service's timestamps: RFC 3339 in UTC, made from unix milliseconds.
enum StytchTime {
    /// Digits past the third come from here, so that they vary and never change the millisecond.
    private static let pastMilliseconds = "673870"

    /// `digits`: 0 to 9 of the fraction; nil is the service's habit, none for a whole second and six otherwise.
    static func text(_ milliseconds: Int64, digits: Int? = nil) -> String {
        let (second, fraction) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        let (day, secondOfDay) = second.quotientAndRemainder(dividingBy: 86_400)
        let (year, month, dayOfMonth) = civil(day)
        let clock = [secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60].map { padded($0, 2) }
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
        return "\(date)T\(clock.joined(separator: ":"))\(tail(padded(fraction, 3), digits ?? (fraction == 0 ? 0 : 6)))Z"
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

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    /// The date of a day counted from 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms").
    private static func civil(_ day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
