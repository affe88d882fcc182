import ArgumentParser
import SessionProtocol

struct Login: Verb {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Signs in.",
        discussion: """
            Asks for what is missing: names with echo, secrets without. Where the input is no terminal the answers \
            are read from it, a line each, in the order in which they would be asked for. Secrets are never taken \
            from the command line.
            """)

    @Option(help: "How to sign in: password, otp, magicLink, … by provider. (default: password; oidc: device)")
    var method: String?

    @Option(name: .shortAndLong, help: "The user name, e-mail address or phone number.")
    var username: String?

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp("Another field of the method; may be repeated.", valueName: "name=value"))
    var field: [FieldArgument] = []

    @Flag(help: "Read the password from the first line of the input, without a question.")
    var passwordStdin = false

    @Flag(help: "Sign in with an access token, such as `authority grant` gives: asked for, or a line of the input.")
    var accessTokenStdin = false

    @Flag(name: .customLong("continue"), help: "Go on with the challenge that an earlier sign-in left open.")
    var continues = false

    @Option(help: ArgumentHelp("How long the session lasts, such as 60m or 8h.", valueName: "duration"))
    var duration: TimeSpan?

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        _ = try duration?.minutes(for: "--duration")
        try FieldArgument.check(field)
        let starts = method != nil || username != nil || !field.isEmpty || passwordStdin
        if [starts, accessTokenStdin, continues].count(where: { $0 }) > 1 {
            throw ValidationError("--access-token-stdin and --continue stand alone: they need no method and no fields.")
        }
    }

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        let dialogue = SignInDialogue(
            conversation: conversation, minutes: duration?.wholeMinutes.map(JSONValue.integer))
        let result =
            if continues {
                try await resume(dialogue)
            } else if accessTokenStdin {
                try await dialogue.begin(
                    "session.exchange", ["accessToken": .string(try conversation.ask(.accessToken))], FormAnswers())
            } else {
                try await signIn(dialogue)
            }
        try conversation.show(result) { () throws(CommandFailure) in
            try SignInReport.text(result, "Signed in", in: conversation)
        }
        return .done
    }

    private func signIn(_ dialogue: SignInDialogue) async throws(CommandFailure) -> JSONValue {
        let conversation = dialogue.conversation
        let provider = try await Self.provider(conversation)
        let method = method ?? SignInForm.defaultMethod(provider: provider)
        let fields = SignInForm.fields(provider: provider, method: method)
        var answers = FieldArgument.answers(field)
        if let username { answers[SignInForm.member(for: username, in: fields)] = username }
        if passwordStdin { answers[FormField.password.name] = try conversation.ask(.password) }
        for field in fields ?? [] where !answers.has(field) { answers[field.name] = try conversation.ask(field) }
        return try await dialogue.begin("session.signIn", ["method": .string(method)], answers)
    }

    private func resume(_ dialogue: SignInDialogue) async throws(CommandFailure) -> JSONValue {
        let snapshot = try await dialogue.conversation.call("session.get")
        guard let challenge = snapshot["challenge"], challenge != .null else {
            throw CommandFailure(
                kind: "challengeNotFound", message: "no sign-in waits for an answer",
                remedy: "start one with `sessionctl login`")
        }
        return try await dialogue.finish(["outcome": "challenge", "snapshot": snapshot])
    }

    /// Which provider the profile has; nil for who may sign in and not look: the daemon then says what it misses.
    static func provider(_ conversation: Conversation) async throws(CommandFailure) -> String? {
        do {
            return try await conversation.call("session.get")["provider"]?.stringValue
        } catch {
            if error.kind == "permissionDenied" { return nil }
            throw error
        }
    }
}
