import FoundationEssentials

/// The `Retry-After` header (RFC 9110, section 10.2.3): seconds, or a date.
enum RetryAfter {
    /// nil where the header is missing, cannot be read or lies in the past. No longer than a day.
    static func milliseconds(_ header: String?, now: Int64) -> Int64? {
        guard let header, let wait = seconds(header) ?? date(header).map({ $0 - Double(now) / 1000 }), wait > 0 else {
            return nil
        }
        return Int64(min(wait, 86_400) * 1000)
    }

    private static func seconds(_ text: String) -> Double? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return Double(text)
    }

    private static let months = [
        "Jan": "01", "Feb": "02", "Mar": "03", "Apr": "04", "May": "05", "Jun": "06", "Jul": "07", "Aug": "08",
        "Sep": "09", "Oct": "10", "Nov": "11", "Dec": "12",
    ]

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, in Unix seconds: the one form that is still to be sent.
    private static func date(_ text: String) -> Double? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let month = months[String(parts[2])],
            let date = try? Date("\(parts[3])-\(month)-\(parts[1])T\(parts[4])Z", strategy: .iso8601)
        else { return nil }
        return date.timeIntervalSince1970
    }
}
