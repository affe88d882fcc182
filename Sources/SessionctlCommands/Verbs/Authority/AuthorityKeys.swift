import ArgumentParser
import SessionProtocol

struct AuthorityKeys: Verb {
    static let configuration = CommandConfiguration(
        commandName: "jwks", abstract: "Prints the public keys that verify session JWTs, as a JWK Set (RFC 7517).")

    @OptionGroup var global: GlobalOptions

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        // A key set is for programs: it looks the same with --json and without.
        try conversation.console.write(try await conversation.call("authority.jwks").line)
        return .done
    }
}
