import ArgumentParser
import SessionProtocol

/// The options that every verb takes, before it or after it.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The daemon's socket; else $SESSIOND_SOCKET, the user's socket, the system's.", valueName: "path"),
        completion: .file())
    var socket: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The profile; else the daemon's default profile.", valueName: "name"),
        completion: .shellCommand("sessionctl profiles --names 2>/dev/null"))
    var profile: String?

    @Flag(help: "Print the daemon's answer as one line of JSON; errors too, on standard error.")
    var json = false

    @Flag(help: "Print no colours; so does NO_COLOR in the environment.")
    var noColor = false

    @Option(help: ArgumentHelp("How long to wait for an answer, such as 10s or 2m.", valueName: "duration"))
    var timeout: TimeSpan?
}

/// A duration on the command line: a number and `ms`, `s`, `m`, `h` or `d`.
package struct TimeSpan: Sendable, Hashable, ExpressibleByArgument {
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

extension TimeSpan {
    /// A span that goes over the wire in minutes.
    func minutes(for option: String) throws(ValidationError) -> JSONValue {
        guard let wholeMinutes else {
            throw ValidationError("\(option) is counted in minutes: give whole ones, such as 60m or 2h.")
        }
        return .integer(wholeMinutes)
    }
}
