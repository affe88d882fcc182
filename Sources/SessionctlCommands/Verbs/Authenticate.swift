import ArgumentParser
import SessionProtocol

struct Authenticate: Verb {
    static let configuration = CommandConfiguration(
        commandName: "authenticate",
        abstract: "Asks the auth service now whether the session lives; with --extend moves its end.",
        discussion: "Exits with 3 where the session turns out to have ended.")

    @Option(help: ArgumentHelp("Let the session end that long from now, such as 60m.", valueName: "duration"))
    var extend: TimeSpan?

    @OptionGroup var global: GlobalOptions

    func validate() throws { _ = try extend?.minutes(for: "--extend") }

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        let minutes = extend?.wholeMinutes.map { ["sessionDurationMinutes": JSONValue.integer($0)] }
        let answer = try await conversation.call("session.authenticate", minutes ?? [:])
        return try conversation.showState(answer, from: "session.authenticate")
    }
}

extension Conversation {
    /// Prints the snapshot that a change produced; `notSignedIn` where the session has ended.
    func showState(_ answer: JSONValue, from method: String) throws(CommandFailure) -> ExitStatus {
        try show(answer) { () throws(CommandFailure) in
            SnapshotReport(try snapshot(answer, from: method), now: now(), style: style).text
        }
        return answer["phase"]?.stringValue == Phase.signedOut.rawValue ? .notSignedIn : .done
    }
}
