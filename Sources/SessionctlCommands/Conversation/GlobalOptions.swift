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

extension TimeSpan: ExpressibleByArgument {
    /// A span that goes over the wire in minutes.
    func minutes(for option: String) throws(ValidationError) -> JSONValue {
        guard let wholeMinutes else {
            throw ValidationError("\(option) is counted in minutes: give whole ones, such as 60m or 2h.")
        }
        return .integer(wholeMinutes)
    }
}
