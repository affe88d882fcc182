import ArgumentParser
import SessionProtocol

struct AuthorityAdd: Verb {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Makes a user; asks for the password twice.")

    @Argument(help: "The user name, 1 to 128 characters; compared without case.")
    var username: String

    @Option(help: "The person's name.")
    var name: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Grant letters of crud for a feature; may be repeated.", valueName: "feature=letters"))
    var access: [AccessArgument] = []

    @Flag(help: "Read the password from a line of the input, without a question.")
    var passwordStdin = false

    @OptionGroup var global: GlobalOptions

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        let password = passwordStdin ? try conversation.ask(.password) : try conversation.askNew(.password)
        var params: [String: JSONValue] = ["username": .string(username), "password": .string(password)]
        if let name { params["name"] = .string(name) }
        if !access.isEmpty { params["access"] = AccessArgument.object(access) }
        let answer = try await conversation.call("authority.user.add", params)
        try conversation.show(answer) { () throws(CommandFailure) in
            "Made the user \(Printable.escape(username)).\n"
        }
        return .done
    }
}
