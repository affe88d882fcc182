import ArgumentParser
import SessionProtocol

struct AuthoritySessions: Verb {
    static let configuration = CommandConfiguration(
        commandName: "sessions", abstract: "Lists the live sessions of one user, or of all.")

    @Option(name: .shortAndLong, help: "Only this user's.")
    var username: String?

    @OptionGroup var global: GlobalOptions

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        let params = username.map { ["username": JSONValue.string($0)] }
        let answer = try await conversation.call("authority.sessions", params ?? [:])
        try conversation.show(answer) { () throws(CommandFailure) in
            guard let sessions = answer["sessions"]?.arrayValue else { throw .unreadableAnswer("authority.sessions") }
            if sessions.isEmpty { return "No sessions.\n" }
            let now = conversation.now()
            var table = Table([
                .init("ID"), .init("USERNAME", mayBeCut: true), .init("STARTED"), .init("SEEN"), .init("ENDS"),
            ])
            for session in sessions {
                table.add([
                    .init(session["id"]?.stringValue ?? "?"), .init(session["username"]?.stringValue ?? "?"),
                    .init(session["startedAt"]?.integerValue.map { TimeWords.since($0, now: now) } ?? ""),
                    .init(session["lastSeenAt"]?.integerValue.map { TimeWords.since($0, now: now) } ?? ""),
                    .init(session["expiresAt"]?.integerValue.map { TimeWords.until($0, now: now) } ?? "never"),
                ])
            }
            return table.rendered(conversation.style)
        }
        return .done
    }
}
