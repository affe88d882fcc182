import ArgumentParser
import SessionProtocol

struct AuthorityUsers: Verb {
    static let configuration = CommandConfiguration(commandName: "users", abstract: "Lists the users.")

    @OptionGroup var global: GlobalOptions

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        let answer = try await conversation.call("authority.users")
        try conversation.show(answer) { () throws(CommandFailure) in
            guard let users = answer["users"]?.arrayValue else { throw .unreadableAnswer("authority.users") }
            if users.isEmpty { return "No users yet: `sessionctl authority add USERNAME`.\n" }
            let now = conversation.now()
            var table = Table([
                .init("USERNAME"), .init("NAME", mayBeCut: true), .init("STATE"), .init("MADE"),
                .init("ACCESS", mayBeCut: true),
            ])
            for user in users {
                let isDisabled = user["disabled"]?.boolValue ?? false
                table.add([
                    .init(user["username"]?.stringValue ?? "?", .bold), .init(user["name"]?.stringValue ?? ""),
                    .init(isDisabled ? "disabled" : "enabled", isDisabled ? .red : .green),
                    .init(user["createdAt"]?.integerValue.map { TimeWords.since($0, now: now) } ?? ""),
                    .init(Self.access(user["access"])),
                ])
            }
            return table.rendered(conversation.style)
        }
        return .done
    }

    private static func access(_ access: JSONValue?) -> String {
        (access?.objectValue ?? [:]).sorted { $0.key < $1.key }
            .map { "\($0.key)=\($0.value.stringValue ?? "?")" }.joined(separator: " ")
    }
}
