import CLinux
import Glibc

func wallMilliseconds() -> Int64 { cl_wall_milliseconds() }

/// Unix milliseconds as RFC 3339 in UTC, `2026-11-21T22:20:07.123Z`.
package func utcTime(milliseconds: Int64) -> String {
    let (quotient, remainder) = milliseconds.quotientAndRemainder(dividingBy: 1000)
    let (seconds, fraction) = remainder < 0 ? (quotient - 1, remainder + 1000) : (quotient, remainder)
    var time = time_t(seconds)
    var parts = tm()
    guard gmtime_r(&time, &parts) != nil else { return "\(milliseconds)" }
    func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let date =
        "\(padded(Int(parts.tm_year) + 1900, 4))-\(padded(Int(parts.tm_mon) + 1, 2))-\(padded(Int(parts.tm_mday), 2))"
    let clock = "\(padded(Int(parts.tm_hour), 2)):\(padded(Int(parts.tm_min), 2)):\(padded(Int(parts.tm_sec), 2))"
    return "\(date)T\(clock).\(padded(Int(fraction), 3))Z"
}
