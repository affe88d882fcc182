import ArgumentParser
import SessionProtocol

struct AuthorityGrant: Verb {
    static let configuration = CommandConfiguration(
        commandName: "grant", abstract: "Prints an access token that signs the user in once.",
        discussion: "Such as: sessionctl authority grant ada | sessionctl -p kiosk login --access-token-stdin")

    @Argument(help: "The user name.")
    var username: String

    @Option(help: ArgumentHelp("How long it can be used, such as 10m. (default: 60m)", valueName: "duration"))
    var expires: TimeSpan?

    @OptionGroup var global: GlobalOptions

    func validate() throws { _ = try expires?.minutes(for: "--expires") }

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        var params: [String: JSONValue] = ["username": .string(username)]
        if let minutes = expires?.wholeMinutes { params["expiresInMinutes"] = .integer(minutes) }
        let answer = try await conversation.call("authority.grant", params)
        try conversation.show(answer) { () throws(CommandFailure) in
            guard let token = answer["accessToken"]?.stringValue, Printable.isSafe(token) else {
                throw .unreadableAnswer("authority.grant")
            }
            return token + "\n"
        }
        return .done
    }
}
