import ArgumentParser
import SessionProtocol

struct Status: Verb {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows who is signed in, for how long, and whether the auth service confirms it.")

    @Flag(help: "Concern one profile, and exit with 3 where nobody is signed in to it.")
    var check = false

    @Flag(help: "Wait until somebody is signed in; --timeout bounds the wait.")
    var wait = false

    @Flag(name: .shortAndLong, help: "Print nothing: the exit code is the answer.")
    var quiet = false

    @OptionGroup var global: GlobalOptions

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        if wait {
            let until = Phase.allCases.filter(\.isSignedIn).map { JSONValue.string($0.rawValue) }
            return try show(try await conversation.call("session.wait", ["until": .array(until)]), conversation)
        }
        if check || conversation.profile != nil {
            return try show(try await conversation.call("session.get"), conversation)
        }
        let snapshots = try await all(conversation)
        if quiet { return .done }
        try conversation.show(.array(snapshots)) { () throws(CommandFailure) in
            var reports: [String] = []
            for snapshot in snapshots { reports.append(try report(snapshot, conversation)) }
            return reports.joined(separator: "\n")
        }
        return .done
    }

    private func show(_ answer: JSONValue, _ conversation: Conversation) throws(CommandFailure) -> ExitStatus {
        if !quiet {
            try conversation.show(answer) { () throws(CommandFailure) in try report(answer, conversation) }
        }
        guard check else { return .done }
        return try conversation.snapshot(answer, from: "session.get").phase.isSignedIn ? .done : .notSignedIn
    }

    private func all(_ conversation: Conversation) async throws(CommandFailure) -> [JSONValue] {
        var snapshots: [JSONValue] = []
        for profile in try await Profiles.names(conversation) {
            do {
                snapshots.append(try await conversation.call("session.get", ["profile": .string(profile)]))
            } catch {
                // The configuration was re-read between the list and this: the profile is no more.
                if error.kind != "profileNotFound" { throw error }
            }
        }
        return snapshots
    }

    private func report(_ answer: JSONValue, _ conversation: Conversation) throws(CommandFailure) -> String {
        let snapshot = try conversation.snapshot(answer, from: "session.get")
        return SnapshotReport(snapshot, now: conversation.now(), style: conversation.style).text
    }
}
