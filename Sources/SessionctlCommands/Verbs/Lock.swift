import ArgumentParser
import SessionProtocol

struct Lock: Verb {
    static let configuration = CommandConfiguration(
        commandName: "lock", abstract: "Locks the screen at the provider: access is empty.")

    @OptionGroup var global: GlobalOptions

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        try conversation.showState(try await conversation.call("session.lock"), from: "session.lock")
    }
}
