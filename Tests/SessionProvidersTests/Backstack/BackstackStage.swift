import FakeServices
import Logging
import SessionCore
import SessionProtocol
import SessionProviders
import SessionTesting

/// A fake Backstack behind a real HTTP server, the adapter that speaks to it through the real transport, and a keeper
/// that keeps a profile of it. Time is the test's own; only how long a call may take is real.
final class BackstackStage: Sendable {
    struct Setup: Sendable {
        var choices = FakeBackstackChoices()
        var providerID: String?
        /// nil: the fake's own. An empty one cannot be had.
        var appKey: String?
        /// Long: a busy machine is no failing service.
        var callMs: Int64 = 60_000
        /// The keeper's own limit, on the test's clock.
        var limitMs: Int64 = 600_000

        /// Every jwt but the newest is refused at once: whoever sends an older one has lost the session.
        static var strict: Setup {
            var setup = Setup()
            setup.choices.oldJWT = .refused
            return setup
        }
    }

    let clock: ManualClock
    let fake: FakeBackstack
    let server: FakeHTTPServer
    let provider: BackstackProvider
    let vault: MemoryVault
    let profile: KeptProfile
    let setup: Setup
    let log: RecordedLog
    private let transport: HTTPTransport

    var keeper: SessionKeeper { profile.keeper }
    var snapshot: Snapshot { profile.snapshot }
    var jwt: Secret? { keeper.publication.session?.tokens.sessionToken }

    /// Runs `body` on a stage with a started keeper, and takes the stage down again.
    static func with(_ setup: Setup = .strict, _ body: (BackstackStage) async throws -> Void) async throws {
        let clock = ManualClock()
        let fake = FakeBackstack(now: { clock.now().wall })
        fake.choices = setup.choices
        let server = try await FakeHTTPServer.start { await fake.answer($0) }
        let stage = BackstackStage(setup, clock, fake, server, MemoryVault(), instance: "i1")
        await stage.keeper.start()
        let result: Result<Void, any Error>
        do { result = .success(try await body(stage)) } catch { result = .failure(error) }
        await stage.end()
        await server.stop()
        try result.get()
    }

    /// The same world and the same disk after a restart of the daemon.
    func restarted(_ body: (BackstackStage) async throws -> Void) async throws {
        await keeper.shutDown()
        let stage = BackstackStage(setup, clock, fake, server, vault, instance: "i2")
        await stage.keeper.start()
        let result: Result<Void, any Error>
        do { result = .success(try await body(stage)) } catch { result = .failure(error) }
        await stage.end()
        try result.get()
    }

    private init(
        _ setup: Setup, _ clock: ManualClock, _ fake: FakeBackstack, _ server: FakeHTTPServer, _ vault: MemoryVault,
        instance: String
    ) {
        self.setup = setup
        self.clock = clock
        self.fake = fake
        self.server = server
        self.vault = vault
        log = RecordedLog()
        transport = HTTPTransport(environment: [:], logger: log.logger)
        let appKey = Secret(setup.appKey ?? fake.appKey)
        provider = BackstackProvider(
            service: SessionProviders.BackstackService(appKey: { appKey }, providerID: setup.providerID),
            upstream: transport.upstream(
                UpstreamSettings(baseURL: server.baseURL, caFile: nil, timeoutMs: setup.callMs)),
            now: { clock.now().wall })
        profile = KeptProfile(
            provider: provider, clock: clock, vault: vault, instance: instance, logger: log.logger
        ) { settings in
            settings.heartbeat.timeoutMs = setup.limitMs
        }
    }

    private func end() async {
        await keeper.shutDown()
        await transport.shutDown()
    }
}

extension BackstackStage: CustomReflectable {
    /// A failed expectation shows what its parts are, and behind the stage is the whole transport.
    var customMirror: Mirror { Mirror(self, children: []) }
}

// MARK: - The world

/// Kari, who works in one account or in two.
struct BackstackPeople: Sendable {
    let yard: String
    let quay: String
    let kari: String

    static let password = "correct horse"
}

extension BackstackStage {
    @discardableResult
    func settle(accounts count: Int = 1) -> BackstackPeople {
        fake.setVersion("ver_1", access: ["account-users": "cr", "cards": "ru"])
        fake.setVersion("ver_2", access: ["cargo": "crud"])
        let yard = fake.addAccount("North Yard", isAppAccount: true, fields: ["counters": ["scans": 12]])
        let quay = fake.addAccount("East Quay", version: "ver_2")
        let kari = fake.addUser(
            "kari", password: BackstackPeople.password, accounts: count == 1 ? [yard] : [yard, quay])
        return BackstackPeople(yard: yard, quay: quay, kari: kari)
    }
}

// MARK: - What a client does

extension BackstackStage {
    @discardableResult
    func signIn(_ username: String = "kari", _ password: String = BackstackPeople.password) async throws
        -> SignInResult
    {
        try await keeper.signIn(
            method: "password", fields: SignInFields(["username": username, "password": password]),
            durationMinutes: nil, expect: nil)
    }

    /// Answers the challenge that is open.
    @discardableResult
    func answer(_ fields: [String: String]) async throws -> SignInResult {
        try await keeper.answer(
            challenge: snapshot.challenge?.id ?? "", fields: SignInFields(fields), durationMinutes: nil, expect: nil)
    }

    /// Kari signs in to the one account or the first of two, and the session grows older than those that are asked for
    /// twice.
    @discardableResult
    func signInKari(accounts count: Int = 1) async throws -> BackstackPeople {
        let people = settle(accounts: count)
        try await signIn()
        if count > 1 { try await answer(["accountId": people.yard]) }
        clock.advance(byMs: 31_000)
        fake.forgetCalls()
        return people
    }

    /// Asks the service now. What goes wrong shows in the snapshot.
    @discardableResult
    func validate() async -> Snapshot {
        do { return try await keeper.authenticate(durationMinutes: nil, expect: nil).snapshot } catch {
            return snapshot
        }
    }

    func object(_ name: String) -> JSONValue? { snapshot.objects[name]?.value }

    func allows(_ required: String) -> Bool { keeper.allows(.requirement(required), in: keeper.publication) }

    var alertIDs: [String?] { keeper.alerts(in: keeper.publication).map { $0["id"]?.stringValue } }
}

extension FakeCall {
    /// What stands in Authorization.
    var credential: Secret? { Secret(headers["authorization"]) }
}
