import ArgumentParser
import SessionProtocol

struct Health: Verb {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Shows whether the daemon is well. Exits with 0 where it is, with 1 where it is degraded or failing.")

    @OptionGroup var global: GlobalOptions

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        let answer = try await conversation.call("server.health")
        guard let status = answer["status"]?.stringValue else { throw .unreadableAnswer("server.health") }
        try conversation.show(answer) { () throws(CommandFailure) in try text(answer, status, conversation.style) }
        return status == "ok" ? .done : .failed
    }

    private func text(_ answer: JSONValue, _ status: String, _ style: Style) throws(CommandFailure) -> String {
        guard let checks = answer["checks"]?.arrayValue else { throw .unreadableAnswer("server.health") }
        let colour: Style.Colour = status == "ok" ? .green : status == "degraded" ? .yellow : .red
        let isReady = answer["ready"]?.boolValue ?? false
        let headline = style.paint(Printable.escape(status), colour) + (isReady ? "\n" : ", not ready\n")
        if checks.isEmpty { return headline }
        var table = Table([.init("CHECK"), .init("RESULT"), .init("AGE"), .init("DETAIL", mayBeCut: true)])
        for check in checks {
            let isOK = check["ok"]?.boolValue ?? false
            table.add([
                .init(check["name"]?.stringValue ?? "?"), .init(isOK ? "ok" : "failing", isOK ? .green : .red),
                .init(check["ageMs"]?.integerValue.map(TimeWords.span) ?? ""),
                .init(check["detail"]?.stringValue ?? ""),
            ])
        }
        return headline + table.rendered(style)
    }
}
