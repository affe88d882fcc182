import ArgumentParser
import SessionProtocol

struct Access: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access", abstract: "What the signed-in user may do.",
        subcommands: [AccessCheck.self, AccessShow.self],
        defaultSubcommand: AccessShow.self)
    @OptionGroup var global: GlobalOptions
}

struct AccessCheck: Verb {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Exits with 0 where the user may, with 1 where not.",
        discussion: "Such as: sessionctl access check reports:r, or --resource reports --action r.")

    @Argument(help: "A requirement in the provider's words, such as reports:r.")
    var required: String?

    @Option(help: "The resource; goes with --action.")
    var resource: String?

    @Option(help: "The action; goes with --resource.")
    var action: String?

    @Flag(name: .shortAndLong, help: "Print nothing: the exit code is the answer.")
    var quiet = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if (resource == nil) != (action == nil) || (required == nil) == (resource == nil) {
            throw ValidationError("Give a requirement such as reports:r, or both --resource and --action.")
        }
    }

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        var params: [String: JSONValue] = [:]
        if let required { params["required"] = .string(required) }
        if let resource { params["resource"] = .string(resource) }
        if let action { params["action"] = .string(action) }
        let answer = try await conversation.call("access.check", params)
        guard let isAllowed = answer["allowed"]?.boolValue else { throw .unreadableAnswer("access.check") }
        if !quiet {
            let word = isAllowed ? conversation.style.paint("yes", .green) : conversation.style.paint("no", .red)
            try conversation.show(answer) { () throws(CommandFailure) in word + "\n" }
        }
        return isAllowed ? .done : .failed
    }
}

struct AccessShow: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows the features and the letters that are granted for each.")

    @OptionGroup var global: GlobalOptions

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        let state = try await conversation.call("session.get")
        guard let access = state["objects"]?["access"] else {
            throw CommandFailure(kind: "notSupported", message: "this profile's provider knows no access rights")
        }
        guard case .available(let value, _)? = ObjectInfo(json: access) else {
            throw CommandFailure(
                kind: "notSignedIn",
                message: "no access rights are at hand: \(access["reason"]?.stringValue ?? "loading")",
                remedy: "`sessionctl status` says why")
        }
        try conversation.show(access) { () throws(CommandFailure) in
            guard let features = value.objectValue else { throw .unreadableAnswer("session.get") }
            if features.isEmpty { return "Nothing is granted.\n" }
            var table = Table([.init("FEATURE"), .init("GRANTED")])
            for (feature, letters) in features.sorted(by: { $0.key < $1.key }) {
                table.add([.init(feature), .init(letters.stringValue ?? String(letters.line.dropLast()))])
            }
            return table.rendered(conversation.style)
        }
        return .done
    }
}
