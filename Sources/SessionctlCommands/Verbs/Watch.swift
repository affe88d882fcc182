import ArgumentParser
import SessionProtocol

struct Watch: Verb {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Prints a line for every change, until interrupted; the present state comes first.",
        discussion: "With --json a line is the whole new state. A daemon that restarts is found again.")

    @Flag(help: "Watch every profile.")
    var all = false

    @Option(
        help: ArgumentHelp(
            "Only changes of these: phase, challenge, expiresAt, session, user, access, …, separated by commas.",
            valueName: "topics"))
    var topics: String?

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if all, global.profile != nil { throw ValidationError("--all and --profile exclude each other.") }
        if let topics, topics.split(separator: ",", omittingEmptySubsequences: false).contains(where: \.isEmpty) {
            throw ValidationError("--topics is a list such as phase,user.")
        }
    }

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        let states = all ? conversation.changesOfAllProfiles() : conversation.changes(of: conversation.profile)
        let topics = topics.map { Set($0.split(separator: ",").map(String.init)) }
        let interruptions = conversation.interruptions()
        let outcome = await withTaskGroup(of: CommandFailure?.self) { group in
            group.addTask {
                for await _ in interruptions { break }
                return nil
            }
            group.addTask { await Self.follow(states, topics, conversation) }
            // Whatever comes first ends it all: an interruption, a stream that ended, a failure.
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        if let outcome { throw outcome }
        return .done
    }

    /// nil once the task was cancelled.
    private static func follow(
        _ states: AsyncThrowingStream<Snapshot, any Error>, _ topics: Set<String>?, _ conversation: Conversation
    ) async -> CommandFailure? {
        var last: [String: Snapshot] = [:]
        do {
            for try await snapshot in states {
                let previous = last.updateValue(snapshot, forKey: snapshot.profile)
                if let topics, let previous,
                    ChangeSet(from: previous, to: snapshot).names.isDisjoint(with: topics)
                {
                    continue
                }
                try conversation.show(snapshot.json) { () throws(CommandFailure) in
                    ChangeLine.text(snapshot, previous: previous, now: conversation.now(), style: conversation.style)
                }
            }
        } catch {
            return Task.isCancelled ? nil : conversation.failure(error)
        }
        if Task.isCancelled { return nil }
        return CommandFailure(
            kind: "unavailable", message: "the daemon ended the watch", remedy: "start it again when sessiond is back")
    }
}
