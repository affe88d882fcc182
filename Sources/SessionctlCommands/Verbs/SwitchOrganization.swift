import ArgumentParser
import SessionProtocol

struct SwitchOrganization: Verb {
    static let configuration = CommandConfiguration(
        commandName: "switch-organization",
        abstract: "Exchanges the session for one in another organization of the same member.",
        discussion: "May ask for a second factor, as the other organization wants it.")

    @Argument(help: "The organization's id, slug or external id.")
    var organization: String

    @Option(help: ArgumentHelp("How long the new session lasts, such as 60m or 8h.", valueName: "duration"))
    var duration: TimeSpan?

    @OptionGroup var global: GlobalOptions

    func validate() throws { _ = try duration?.minutes(for: "--duration") }

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        let dialogue = SignInDialogue(
            conversation: conversation, minutes: duration?.wholeMinutes.map(JSONValue.integer))
        let result = try await dialogue.begin(
            "session.exchange", ["organizationId": .string(organization)], FormAnswers())
        try conversation.show(result) { () throws(CommandFailure) in
            try SignInReport.text(result, "Signed in", in: conversation)
        }
        return .done
    }
}
