/// A duration on the command line: a number and `ms`, `s`, `m`, `h` or `d`.
package struct TimeSpan: Sendable, Hashable {
    package let milliseconds: Int64

    /// nil for anything else, for a bare number (which unit?), for zero and for more than a hundred years.
    package init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(digits), let unit = Self.units[String(argument.dropFirst(digits.count))] else {
            return nil
        }
        let (milliseconds, overflow) = count.multipliedReportingOverflow(by: unit)
        guard !overflow, milliseconds > 0, milliseconds <= 36_525 * 86_400_000 else { return nil }
        self.milliseconds = milliseconds
    }

    /// The wire counts sessions in minutes; nil where the span is no whole number of them.
    package var wholeMinutes: Int64? { milliseconds % 60_000 == 0 ? milliseconds / 60_000 : nil }

    private static let units: [String: Int64] = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
}
