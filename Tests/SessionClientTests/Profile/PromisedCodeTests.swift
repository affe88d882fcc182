import SessionClient
import Testing

/// The code that the documentation promises to compile, line for line.
@Suite("The promised API", .timeLimit(.minutes(1)))
struct PromisedCodeTests {
    private func show(_ value: some Sendable) {}

    /// Only compiled: it wants the machine's own daemon.
    private func promised() async throws {
        let client = try await SessionClient.connect()
        let profile = client.profile("default")
        switch try await profile.session() {
        case .available(let session, let lastValidatedAt): show((session, lastValidatedAt))
        case .unavailable(let reason): show(reason)
        case .loading: break
        }
        for await info in profile.sessionChanges { show(info) }
        for await info in profile.userChanges { show(info) }
        for await info in profile.memberChanges { show(info) }
        for await info in profile.organizationChanges { show(info) }
        profile.onSessionChange { info in show(info) }
        let subscription = profile.onUserChange { info in show(info) }
        subscription.cancel()
        show(profile.cachedSession)
        let tokens = try await profile.tokens(minimumValidity: .seconds(60))
        show(tokens)
        try await profile.authenticate(extendingTo: .minutes(60))
        try await profile.revoke(.others)
    }

    @Test("durations in minutes are what they say")
    func minutes() { #expect(Duration.minutes(60) == .seconds(3600)) }
}
