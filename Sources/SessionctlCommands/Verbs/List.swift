import ArgumentParser
import SessionProtocol

struct List: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the user's sessions at the auth service.")

    @OptionGroup var global: GlobalOptions

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        let answer = try await conversation.call("session.list")
        try conversation.show(answer) { () throws(CommandFailure) in
            guard let sessions = answer["sessions"]?.arrayValue else { throw .unreadableAnswer("session.list") }
            if sessions.isEmpty { return "No sessions.\n" }
            let now = conversation.now()
            var table = Table([.init("ID"), .init("STARTED"), .init(""), .init("USER AGENT", mayBeCut: true)])
            for session in sessions {
                guard let id = session["id"]?.stringValue else { throw .unreadableAnswer("session.list") }
                let isCurrent = session["current"]?.boolValue ?? false
                table.add([
                    .init(id, isCurrent ? .bold : nil),
                    .init(session["createdAt"]?.integerValue.map { TimeWords.since($0, now: now) } ?? ""),
                    .init(isCurrent ? "this one" : "", .green), .init(session["userAgent"]?.stringValue ?? ""),
                ])
            }
            return table.rendered(conversation.style)
        }
        return .done
    }
}
