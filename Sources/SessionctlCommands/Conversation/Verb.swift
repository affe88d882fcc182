import ArgumentParser

/// A command that talks with the daemon.
protocol Verb: ParsableCommand {
    var global: GlobalOptions { get }
    /// Carries it out. The status is `done` unless the verb's answer is another.
    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus
}
