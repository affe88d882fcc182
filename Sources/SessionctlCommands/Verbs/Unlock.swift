import ArgumentParser
import SessionProtocol

struct Unlock: Verb {
    static let configuration = CommandConfiguration(
        commandName: "unlock",
        abstract: "Unlocks the screen; asks for the password, or reads it from a line of the input.")

    @OptionGroup var global: GlobalOptions

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        let password = JSONValue.string(try conversation.ask(.password))
        let answer = try await conversation.call("session.unlock", ["password": password])
        return try conversation.showState(answer, from: "session.unlock")
    }
}
