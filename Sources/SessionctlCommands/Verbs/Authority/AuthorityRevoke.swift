import ArgumentParser
import SessionProtocol

struct AuthorityRevoke: Verb {
    static let configuration = CommandConfiguration(commandName: "revoke", abstract: "Ends one session.")

    @Argument(help: "The session's id; `sessionctl authority sessions` shows them.")
    var id: String

    @OptionGroup var global: GlobalOptions

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        let answer = try await conversation.call("authority.session.revoke", ["id": .string(id)])
        try conversation.show(answer) { () throws(CommandFailure) in "The session has ended.\n" }
        return .done
    }
}
