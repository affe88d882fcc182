import ArgumentParser
import SessionProtocol

struct Logout: Verb {
    static let configuration = CommandConfiguration(
        commandName: "logout", abstract: "Signs out, or ends other sessions of the same user.",
        discussion: """
            Where the auth service cannot be reached nothing is dropped and the exit code is 69; with --force this \
            machine's session ends now, and the daemon tells the auth service as soon as it can.
            """)

    @Flag(help: "End the user's other sessions and keep this one.")
    var others = false

    @Flag(help: "End all of the user's sessions.")
    var all = false

    @Option(help: ArgumentHelp("End the session of that id; `sessionctl list` shows them.", valueName: "id"))
    var id: String?

    @Flag(help: "Sign out here even where the auth service cannot be reached.")
    var force = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if [others, all, id != nil].count(where: { $0 }) > 1 {
            throw ValidationError("--others, --all and --id exclude each other.")
        }
    }

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        var params: [String: JSONValue] = [:]
        if others { params["target"] = "others" }
        if all { params["target"] = "all" }
        if let id { params["target"] = ["id": .string(id)] }
        if force { params["force"] = true }
        let answer = try await conversation.call("session.revoke", params)
        try conversation.show(answer) { () throws(CommandFailure) in
            let isPending = answer["pending"]?.boolValue ?? false
            return isPending
                ? "\(done) here; the auth service will be told as soon as it can be reached.\n" : "\(done).\n"
        }
        return .done
    }

    private var done: String {
        if others { return "The other sessions have ended" }
        if all { return "All sessions have ended" }
        return id == nil ? "Signed out" : "The session has ended"
    }
}
