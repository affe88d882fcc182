import FoundationEssentials
import SessionProtocol

/// A time as a service writes it: RFC 3339 with 0 to 9 digits of a second's fraction.
enum Timestamp {
    /// Unix milliseconds; nil where there is none, or none that can be read.
    static func milliseconds(_ value: JSONValue?) -> Int64? {
        guard let text = value?.stringValue, text.utf8.count <= 40, let date = try? Date(text, strategy: .iso8601)
        else { return nil }
        let milliseconds = date.timeIntervalSince1970 * 1000
        guard abs(milliseconds) < 1e15 else { return nil }
        // The fraction goes through a Double: the nearest millisecond below, not one too low by its rounding.
        return Int64((milliseconds + 0.0005).rounded(.down))
    }
}
