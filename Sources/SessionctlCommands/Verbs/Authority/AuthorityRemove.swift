import ArgumentParser
import SessionProtocol

struct AuthorityRemove: Verb {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Deletes a user, whose sessions end.")

    @Argument(help: "The user name.")
    var username: String

    @OptionGroup var global: GlobalOptions

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        let answer = try await conversation.call("authority.user.remove", ["username": .string(username)])
        try conversation.show(answer) { () throws(CommandFailure) in
            "Deleted the user \(Printable.escape(username)).\n"
        }
        return .done
    }
}
