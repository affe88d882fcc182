import SessionClient
import SessionProtocol

/// One verb's talk with the daemon on one side and the person or script on the other.
struct Conversation: Sendable {
    let daemon: any DaemonCalling
    let console: any Console
    let style: Style
    let profile: String?
    let printsJSON: Bool
    let timeoutMs: Int64?
    let now: @Sendable () -> Int64
    let interruptions: @Sendable () -> AsyncStream<Void>

    /// Methods that talk to the provider, and the one that waits: the daemon itself bounds them by `timeoutMs`.
    private static let timed: Set<String> = [
        "session.signIn", "session.answer", "session.signUp", "session.exchange", "session.authenticate",
        "session.token", "session.headers", "session.revoke", "session.list", "session.lock", "session.unlock",
        "session.wait", "user.fetch", "account.list", "account.switch",
    ]
    /// What the daemon is given over its own deadline to say so itself.
    private static let graceMs: Int64 = 1000

    /// Carries out a method for the profile that was asked for. `timeoutMs` bounds it where --timeout does not.
    func call(
        _ method: String, _ params: [String: JSONValue] = [:], timeoutMs ownTimeoutMs: Int64? = nil
    ) async throws(CommandFailure) -> JSONValue {
        var params = params
        let isDaemonWide = method.hasPrefix("server.") || method == "profile.list"
        if let profile, params["profile"] == nil, !isDaemonWide { params["profile"] = .string(profile) }
        var limitMs = timeoutMs ?? ownTimeoutMs
        if let limit = limitMs, Self.timed.contains(method) {
            params["timeoutMs"] = .integer(limit)
            limitMs = limit + Self.graceMs
        }
        do {
            return try await bounded(method, params, limitMs: limitMs)
        } catch {
            throw CommandFailure(error, now: now())
        }
    }

    /// A daemon that hangs cannot keep its own deadlines: past the limit the connection is closed.
    private func bounded(
        _ method: String, _ params: [String: JSONValue], limitMs: Int64?
    ) async throws(SessionError) -> JSONValue {
        guard let limitMs else { return try await daemon.call(method, params) }
        let start = ContinuousClock.now
        let limit = Duration.milliseconds(limitMs)
        let watchdog = Task { [daemon] in
            try await Task.sleep(for: limit, tolerance: .zero, clock: .continuous)
            daemon.close()
        }
        defer { watchdog.cancel() }
        do {
            return try await daemon.call(method, params)
        } catch {
            guard error.kind == .unavailable, start.duration(to: .now) >= limit else { throw error }
            throw SessionError(
                kind: SessionError.Kind(rawValue: "deadlineExceeded"),
                message: "the daemon did not answer within \(TimeWords.span(limitMs))")
        }
    }

    /// The states of a profile as they come.
    func changes(of profile: String?) -> AsyncThrowingStream<Snapshot, any Error> { daemon.changes(of: profile) }

    func changesOfAllProfiles() -> AsyncThrowingStream<Snapshot, any Error> { daemon.changesOfAllProfiles() }

    /// Prints the daemon's answer, or what it means to people.
    func show(_ answer: JSONValue, _ text: () throws(CommandFailure) -> String) throws(CommandFailure) {
        try console.write(printsJSON ? answer.line : text())
    }

    /// A remark to the person beside the result; scripts that read JSON are not told.
    func remark(_ text: String) {
        if !printsJSON { console.writeError(Printable.escape(text) + "\n") }
    }

    /// A failure from a stream of changes.
    func failure(_ error: any Error) -> CommandFailure {
        switch error {
        case let failure as CommandFailure: failure
        case let error as SessionError: CommandFailure(error, now: now())
        default: CommandFailure(kind: "internal", message: Printable.escape("\(error)"))
        }
    }
}

extension Conversation {
    /// The profile's present state.
    func snapshot(_ answer: JSONValue, from method: String) throws(CommandFailure) -> Snapshot {
        guard let snapshot = Snapshot(json: answer) else { throw .unreadableAnswer(method) }
        return snapshot
    }
}
