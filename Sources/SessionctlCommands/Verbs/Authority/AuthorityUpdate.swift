import ArgumentParser
import SessionProtocol

struct AuthorityUpdate: Verb {
    static let configuration = CommandConfiguration(
        commandName: "update", abstract: "Changes a user.",
        discussion: "Disabling a user and a new password end the user's sessions.")

    @Argument(help: "The user name.")
    var username: String

    @Option(help: "A new name of the person.")
    var name: String?

    @Flag(help: "Ask for a new password, twice.")
    var password = false

    @Flag(help: "Read a new password from a line of the input, without a question.")
    var passwordStdin = false

    @Flag(help: "Let the user sign in no more, and end the user's sessions.")
    var disable = false

    @Flag(help: "Let the user sign in again.")
    var enable = false

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Grant letters of crud for a feature; may be repeated. Replaces all that was granted before.",
            valueName: "feature=letters"))
    var access: [AccessArgument] = []

    @Flag(help: "Take all rights away.")
    var noAccess = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if disable && enable { throw ValidationError("--disable and --enable exclude each other.") }
        if noAccess && !access.isEmpty { throw ValidationError("--access and --no-access exclude each other.") }
        if name == nil && !password && !passwordStdin && !disable && !enable && access.isEmpty && !noAccess {
            throw ValidationError("Nothing to change: see `sessionctl authority update --help`.")
        }
    }

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        var params: [String: JSONValue] = ["username": .string(username)]
        if let name { params["name"] = .string(name) }
        if disable || enable { params["disabled"] = .bool(disable) }
        if noAccess || !access.isEmpty { params["access"] = AccessArgument.object(access) }
        if passwordStdin {
            params["password"] = .string(try conversation.ask(.password))
        } else if password {
            params["password"] = .string(try conversation.askNew(FormField("password", "New password", isHidden: true)))
        }
        let answer = try await conversation.call("authority.user.update", params)
        try conversation.show(answer) { () throws(CommandFailure) in
            "Changed the user \(Printable.escape(username)).\n"
        }
        return .done
    }
}
