import ArgumentParser
import SessionProtocol

struct Headers: Verb {
    static let configuration = CommandConfiguration(
        commandName: "headers",
        abstract: "Prints the headers that a request to the provider's API must carry, one a line.",
        discussion: "For curl: sessionctl headers | curl -H @- https://…")

    @Option(help: ArgumentHelp("Renew a token that has less than this left, such as 60s.", valueName: "duration"))
    var minValid: TimeSpan?

    @OptionGroup var global: GlobalOptions

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        let answer = try await conversation.call("session.headers", minValid.params)
        try conversation.show(answer) { () throws(CommandFailure) in try lines(answer) }
        return .done
    }

    /// A line feed in a value would be another header: such an answer is refused, not escaped.
    private func lines(_ answer: JSONValue) throws(CommandFailure) -> String {
        guard let headers = answer["headers"]?.objectValue else { throw .unreadableAnswer("session.headers") }
        var lines = ""
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
            guard let value = value.stringValue, Printable.isSafe(name), Printable.isSafe(value) else {
                throw .unreadableAnswer("session.headers")
            }
            lines += "\(name): \(value)\n"
        }
        return lines
    }
}
