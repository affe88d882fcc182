import FakeServices
import SessionCore
import SessionProtocol
import SessionProviders
import SessionTesting

/// A fake service behind a real HTTP server, the adapter that speaks to it through the real transport, and a keeper
/// that keeps a profile of it. Time is the test's own; only how long a call may take is real.
///
/// A service's own stage says which fake and which adapter these are, and what its tests set up.
protocol ProviderStage: AnyObject, Sendable, CustomReflectable {
    associatedtype Setup: Sendable
    associatedtype Fake: ScriptedFake

    /// What a test gets that asks for nothing else.
    static var usual: Setup { get }
    /// `now` is in unix milliseconds.
    static func fake(_ setup: Setup, now: @escaping @Sendable () -> Int64) -> Fake
    init(_ setup: Setup, _ parts: StageParts<Fake>)

    var parts: StageParts<Fake> { get }
    var setup: Setup { get }
    var profile: KeptProfile { get }
}

extension ProviderStage {
    /// Runs `body` on a stage with a started keeper, and takes the stage down again.
    static func with(
        _ setup: Setup = usual, prepare: (Fake) -> Void = { _ in }, _ body: (Self) async throws -> Void
    ) async throws {
        let clock = ManualClock()
        let fake = fake(setup, now: { clock.now().wall })
        prepare(fake)
        let server = try await FakeHTTPServer.start { await fake.answer($0) }
        let parts = StageParts(clock, fake, server, vault: MemoryVault(), instance: "i1")
        let result = await Self(setup, parts).run(body)
        await server.stop()
        try result.get()
    }

    /// The same world and the same disk after a restart of the daemon.
    func restarted(_ body: (Self) async throws -> Void) async throws {
        await keeper.shutDown()
        try await Self(setup, StageParts(clock, fake, server, vault: vault, instance: "i2")).run(body).get()
    }

    private func run(_ body: (Self) async throws -> Void) async -> Result<Void, any Error> {
        await keeper.start()
        let result: Result<Void, any Error>
        do { result = .success(try await body(self)) } catch { result = .failure(error) }
        await keeper.shutDown()
        await parts.transport.shutDown()
        return result
    }

    var clock: ManualClock { parts.clock }
    var fake: Fake { parts.fake }
    var server: FakeHTTPServer { parts.server }
    var vault: MemoryVault { parts.vault }
    var log: RecordedLog { parts.log }
    var keeper: SessionKeeper { profile.keeper }
    var snapshot: Snapshot { profile.snapshot }
    /// The token that is held, whatever is shown.
    var token: String? { keeper.publication.session?.tokens.sessionToken?.reveal() }

    /// A failed expectation shows its values with all that they hold: here that would be a whole transport.
    var customMirror: Mirror { Mirror(self, children: []) }
}
