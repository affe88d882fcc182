import ArgumentParser
import SessionProtocol

struct Update: Verb {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Hands in a session that began elsewhere; the auth service is asked about it at once.",
        discussion: "Tokens are asked for without echo, or read from the input: the session token first, a line each.")

    @Flag(help: "Hand in a session token. This is what it does anyway; the flag says it in scripts.")
    var sessionTokenStdin = false

    @Flag(help: "Hand in a session JWT after the token.")
    var sessionJwtStdin = false

    @OptionGroup var global: GlobalOptions

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        var params: [String: JSONValue] = ["sessionToken": .string(try conversation.ask(.sessionToken))]
        if sessionJwtStdin { params["sessionJwt"] = .string(try conversation.ask(.sessionJwt)) }
        return try conversation.showState(try await conversation.call("session.update", params), from: "session.update")
    }
}
