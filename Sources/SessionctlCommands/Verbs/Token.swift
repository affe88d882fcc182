import ArgumentParser
import SessionProtocol

struct Token: Verb {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Prints a token of the session, for $(…).",
        discussion: "With --json: all tokens, when they end, and whether the session is stale.")

    /// Which token; the raw value is the wire's member.
    enum Kind: String, CaseIterable, Sendable, ExpressibleByArgument {
        case session, jwt, access, id

        var member: String {
            switch self {
            case .session: "sessionToken"
            case .jwt: "sessionJwt"
            case .access: "accessToken"
            case .id: "idToken"
            }
        }
    }

    @Option(help: "Which token; left out, the session token, or the access token where there is no session token.")
    var type: Kind?

    @Option(help: ArgumentHelp("Renew a token that has less than this left, such as 60s.", valueName: "duration"))
    var minValid: TimeSpan?

    @OptionGroup var global: GlobalOptions

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        let answer = try await conversation.call("session.token", minValid.params)
        try conversation.show(answer) { () throws(CommandFailure) in try token(answer) + "\n" }
        return .done
    }

    private func token(_ answer: JSONValue) throws(CommandFailure) -> String {
        let wanted = type.map { [$0] } ?? [.session, .access]
        for kind in wanted {
            guard let token = answer["tokens"]?[kind.member]?.stringValue, !token.isEmpty else { continue }
            guard Printable.isSafe(token) else { throw .unreadableAnswer("session.token") }
            return token
        }
        let others = Kind.allCases.filter { answer["tokens"]?[$0.member]?.stringValue != nil }.map(\.rawValue)
        throw CommandFailure(
            kind: "notSupported", message: "this session has no \(wanted[0].rawValue) token",
            remedy: others.isEmpty ? nil : "choose with --type: \(others.joined(separator: ", "))")
    }
}

extension TimeSpan? {
    /// `minValidMs`, where one was asked for.
    var params: [String: JSONValue] { map { ["minValidMs": .integer($0.milliseconds)] } ?? [:] }
}
