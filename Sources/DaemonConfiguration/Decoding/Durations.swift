extension FieldReader {
    /// A duration in milliseconds.
    ///
    /// - Parameter bounds: as an administrator would write them, shortest first.
    mutating func duration(_ field: Field, in range: ClosedRange<Int64>, bounds: (String, String)) -> Int64? {
        guard let (text, _) = scalar(field, expected: "a duration", example: "180s") else { return nil }
        let milliseconds: Int64
        switch parsedDuration(text) {
        case .milliseconds(let value): milliseconds = value
        case .missingUnit:
            report(field, "a duration needs a unit", remedy: "add ms, s, m, h or d, as in \(text)s")
            return nil
        case .malformed:
            report(
                field, "expected a duration",
                remedy: "write a whole number and one of ms, s, m, h, d, such as 500ms, 180s or 60m")
            return nil
        }
        guard range.contains(milliseconds) else {
            report(field, "out of range", remedy: "write a duration from \(bounds.0) to \(bounds.1)")
            return nil
        }
        return milliseconds
    }
}

enum ParsedDuration: Sendable, Hashable {
    case milliseconds(Int64)
    case missingUnit
    case malformed
}

/// A whole number with a unit. One too large for milliseconds counts as the largest.
func parsedDuration(_ text: String) -> ParsedDuration {
    let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
    let unit = text.dropFirst(digits.count)
    guard !digits.isEmpty else { return .malformed }
    guard !unit.isEmpty else { return .missingUnit }
    let scales: [Substring: Int64] = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
    guard let scale = scales[unit] else { return .malformed }
    guard let number = Int64(text.prefix(digits.count)) else { return .milliseconds(.max) }
    let (value, overflow) = number.multipliedReportingOverflow(by: scale)
    return .milliseconds(overflow ? .max : value)
}
