import ArgumentParser
import SessionProtocol

struct Signup: Verb {
    static let configuration = CommandConfiguration(
        commandName: "signup", abstract: "Makes an account at the profile's provider and signs in to it.",
        discussion: "Asks for what is missing, the password twice. It is never taken from the command line.")

    @Option(help: "How the account will sign in.")
    var method = "password"

    @Option(name: .shortAndLong, help: "The user name, e-mail address or phone number.")
    var username: String?

    @Option(help: "The person's name.")
    var name: String?

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp("Another field of the method; may be repeated.", valueName: "name=value"))
    var field: [FieldArgument] = []

    @Flag(help: "Read the password from the first line of the input, without a question.")
    var passwordStdin = false

    @Option(help: ArgumentHelp("How long the session lasts, such as 60m or 8h.", valueName: "duration"))
    var duration: TimeSpan?

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        _ = try duration?.minutes(for: "--duration")
        try FieldArgument.check(field)
    }

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        let fields = SignInForm.fields(provider: try await Login.provider(conversation), method: method)
        var answers = FieldArgument.answers(field)
        if let username { answers[SignInForm.member(for: username, in: fields)] = username }
        if let name { answers["name"] = name }
        if passwordStdin { answers[FormField.password.name] = try conversation.ask(.password) }
        for field in fields ?? [] where !answers.has(field) {
            answers[field.name] = field.isHidden ? try conversation.askNew(field) : try conversation.ask(field)
        }
        let dialogue = SignInDialogue(
            conversation: conversation, minutes: duration?.wholeMinutes.map(JSONValue.integer))
        let result = try await dialogue.begin("session.signUp", ["method": .string(method)], answers)
        try conversation.show(result) { () throws(CommandFailure) in
            try SignInReport.text(result, "Signed up and in", in: conversation)
        }
        return .done
    }
}
