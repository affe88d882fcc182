import FakeServices
import Logging
import SessionCore
import SessionProtocol
import SessionProviders
import SessionTesting

/// A fake Stytch behind a real HTTP server, the adapter that speaks to it through the real transport, and a keeper that
/// keeps a profile of it. Time is the test's own; only how long a call may take is real.
final class StytchStage: Sendable {
    enum Entrance: Sendable, CaseIterable { case sdk, server }

    struct Setup: Sendable {
        var product = FakeStytch.Product.consumer
        var entrance = Entrance.sdk
        /// Whether session JWTs are checked.
        var checksJWTs = false
        var secret: Secret?
        /// Where the secret comes from, in place of `secret`; nil from it: there is none at present.
        var readsSecret: (@Sendable () -> Secret?)?
        /// Long: a busy machine is no failing service.
        var callMs: Int64 = 60_000
        var appIdentifier = "dev.example.app"
        var keepAlive = false
        var sessionDurationMinutes: Int?
    }

    let clock: ManualClock
    let fake: FakeStytch
    let server: FakeHTTPServer
    let provider: StytchProvider
    let vault: MemoryVault
    let profile: KeptProfile
    let setup: Setup
    private let transport: HTTPTransport

    var keeper: SessionKeeper { profile.keeper }
    var snapshot: Snapshot { profile.snapshot }

    /// Runs `body` on a stage with a started keeper, and takes the stage down again.
    static func with(
        _ setup: Setup = Setup(), prepare: (FakeStytch) -> Void = { _ in },
        _ body: (StytchStage) async throws -> Void
    ) async throws {
        let clock = ManualClock()
        let fake = FakeStytch(product: setup.product, now: { clock.now().wall })
        prepare(fake)
        let server = try await FakeHTTPServer.start { await fake.answer($0) }
        let stage = StytchStage(setup, clock, fake, server, MemoryVault(), instance: "i1")
        await stage.keeper.start()
        let result: Result<Void, any Error>
        do { result = .success(try await body(stage)) } catch { result = .failure(error) }
        await stage.end()
        await server.stop()
        try result.get()
    }

    /// The same world and the same disk after a restart of the daemon. The first stage's keeper must have ended.
    func restarted(_ body: (StytchStage) async throws -> Void) async throws {
        await keeper.shutDown()
        let stage = StytchStage(setup, clock, fake, server, vault, instance: "i2")
        await stage.keeper.start()
        let result: Result<Void, any Error>
        do { result = .success(try await body(stage)) } catch { result = .failure(error) }
        await stage.end()
        try result.get()
    }

    private init(
        _ setup: Setup, _ clock: ManualClock, _ fake: FakeStytch, _ server: FakeHTTPServer, _ vault: MemoryVault,
        instance: String
    ) {
        self.setup = setup
        self.clock = clock
        self.fake = fake
        self.server = server
        self.vault = vault
        let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        transport = HTTPTransport(environment: [:], logger: silent)
        let secret = setup.secret ?? Secret(fake.secret)
        let project = StytchProject(
            product: setup.product == .b2b ? .b2b : .consumer,
            entrance: setup.entrance == .sdk
                ? .sdk(publicToken: fake.publicToken, appIdentifier: setup.appIdentifier)
                : .server(projectID: fake.projectID, secret: setup.readsSecret ?? { secret }),
            projectID: setup.checksJWTs ? fake.projectID : nil)
        provider = StytchProvider(
            project: project,
            upstream: transport.upstream(
                UpstreamSettings(baseURL: server.baseURL, caFile: nil, timeoutMs: setup.callMs)),
            now: { clock.now().wall }, logger: silent)
        profile = KeptProfile(provider: provider, clock: clock, vault: vault, instance: instance) { settings in
            settings.keepAlive = setup.keepAlive
            settings.sessionDurationMinutes = setup.sessionDurationMinutes
            settings.heartbeat.timeoutMs = 600_000
        }
    }

    private func end() async {
        await keeper.shutDown()
        await transport.shutDown()
    }
}

// MARK: - What a client does

extension StytchStage {
    @discardableResult
    func signIn(_ method: String, _ fields: [String: String], minutes: Int? = nil) async throws -> SignInResult {
        try await keeper.signIn(
            method: method, fields: SignInFields(fields), durationMinutes: minutes, expect: nil)
    }

    /// Answers the challenge that is open.
    @discardableResult
    func answer(_ fields: [String: String], minutes: Int? = nil) async throws -> SignInResult {
        try await keeper.answer(
            challenge: snapshot.challenge?.id ?? "", fields: SignInFields(fields), durationMinutes: minutes,
            expect: nil)
    }

    /// Signs in ada, whom it adds, and lets the session grow older than those that are asked for twice.
    @discardableResult
    func signInAda(minutes: Int? = 60) async throws -> FakeStytchSession {
        switch setup.product {
        case .consumer:
            fake.addUser(email: "ada@example.org", password: "correct horse")
            try await signIn("password", ["email": "ada@example.org", "password": "correct horse"], minutes: minutes)
        case .b2b:
            let organization = fake.addOrganization()
            fake.addMember(of: organization, email: "ada@example.org", password: "correct horse")
            try await signIn(
                "password",
                ["organizationId": organization, "email": "ada@example.org", "password": "correct horse"],
                minutes: minutes)
        }
        clock.advance(byMs: 31_000)
        fake.forgetCalls()
        return fake.sessions[fake.sessions.count - 1]
    }

    /// Asks the service now. What goes wrong shows in the snapshot.
    @discardableResult
    func validate() async -> Snapshot {
        do { return try await keeper.authenticate(durationMinutes: nil, expect: nil).snapshot } catch {
            return snapshot
        }
    }
}

/// The error of a call that must fail; nil where it succeeds.
func failure(of call: () async throws -> some Any) async -> KeeperError? {
    do {
        _ = try await call()
        return nil
    } catch {
        return error as? KeeperError
    }
}

// A failed expectation shows its values with all that they hold: here that would be a whole transport.
extension StytchStage: CustomReflectable {
    var customMirror: Mirror { Mirror(self, children: []) }
}
