import ArgumentParser
import SessionProtocol

struct SwitchAccount: Verb {
    static let configuration = CommandConfiguration(
        commandName: "switch-account",
        abstract: "Goes over to another account of the same user; without an id, asks which.")

    @Argument(help: "The account's id.")
    var account: String?

    @OptionGroup var global: GlobalOptions

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        let id = if let account { account } else { try await chosen(conversation) }
        let answer = try await conversation.call("account.switch", ["accountId": .string(id)])
        return try conversation.showState(answer, from: "account.switch")
    }

    private func chosen(_ conversation: Conversation) async throws(CommandFailure) -> String {
        let answer = try await conversation.call("account.list")
        guard let accounts = answer["accounts"]?.arrayValue else { throw .unreadableAnswer("account.list") }
        let options = accounts.compactMap { account -> Conversation.Option? in
            guard let id = account["id"]?.stringValue else { return nil }
            return Conversation.Option(id: id, title: account["title"]?.stringValue ?? id)
        }
        return try conversation.choose("Account", from: options)
    }
}
