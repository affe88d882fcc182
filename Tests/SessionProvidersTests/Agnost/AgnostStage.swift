import FakeServices
import SessionCore
import SessionProtocol
import SessionProviders
import SessionTesting
import Synchronization
import Testing

/// Where the API key is read.
final class KeyFile: Sendable {
    private let text = Mutex<String?>(nil)
    var content: String? {
        get { text.withLock { $0 } }
        set { text.withLock { $0 = newValue } }
    }
}

/// A fake Agnost behind a real HTTP server, the adapter that speaks to it through the real transport, and a keeper that
/// keeps a profile of it. Time is the test's own; only how long a call may take is real.
final class AgnostStage: Sendable {
    struct Setup: Sendable {
        var prefix = "/agnost"
        /// Long: a busy machine is no failing service.
        var callMs: Int64 = 60_000
        var signInURL: String?
        var keepAlive = false
    }

    let clock: ManualClock
    let fake: FakeAgnost
    let server: FakeHTTPServer
    let provider: AgnostProvider
    let vault: MemoryVault
    let profile: KeptProfile
    let setup: Setup
    let log = RecordedLog()
    let keyFile = KeyFile()
    private let transport: HTTPTransport

    var keeper: SessionKeeper { profile.keeper }
    var snapshot: Snapshot { profile.snapshot }
    /// The token that is held.
    var token: String? { keeper.publication.session?.tokens.sessionToken?.reveal() }

    /// Runs `body` on a stage with a started keeper, and takes the stage down again.
    static func with(
        _ setup: Setup = Setup(), prepare: (FakeAgnost) -> Void = { _ in },
        _ body: (AgnostStage) async throws -> Void
    ) async throws {
        let clock = ManualClock()
        let fake = FakeAgnost(now: { clock.now().wall }, prefix: setup.prefix)
        prepare(fake)
        let server = try await FakeHTTPServer.start { await fake.answer($0) }
        let stage = AgnostStage(setup, clock, fake, server, MemoryVault(), instance: "i1")
        let result = await stage.run(body)
        await server.stop()
        try result.get()
    }

    /// The same world and the same disk after a restart of the daemon.
    func restarted(_ body: (AgnostStage) async throws -> Void) async throws {
        await keeper.shutDown()
        let stage = AgnostStage(setup, clock, fake, server, vault, instance: "i2")
        try await stage.run(body).get()
    }

    private func run(_ body: (AgnostStage) async throws -> Void) async -> Result<Void, any Error> {
        await keeper.start()
        let result: Result<Void, any Error>
        do { result = .success(try await body(self)) } catch { result = .failure(error) }
        await keeper.shutDown()
        await transport.shutDown()
        return result
    }

    private init(
        _ setup: Setup, _ clock: ManualClock, _ fake: FakeAgnost, _ server: FakeHTTPServer, _ vault: MemoryVault,
        instance: String
    ) {
        self.setup = setup
        self.clock = clock
        self.fake = fake
        self.server = server
        self.vault = vault
        transport = HTTPTransport(environment: [:], logger: log.logger)
        keyFile.content = fake.apiKey
        provider = AgnostProvider(
            service: AgnostService(
                apiKey: { [keyFile] in Secret(keyFile.content) }, pathPrefix: setup.prefix, signInURL: setup.signInURL),
            upstream: transport.upstream(
                UpstreamSettings(baseURL: server.baseURL + fake.basePath, caFile: nil, timeoutMs: setup.callMs)),
            now: { clock.now().wall }, logger: log.logger)
        profile = KeptProfile(provider: provider, clock: clock, vault: vault, instance: instance) { settings in
            settings.keepAlive = setup.keepAlive
            settings.heartbeat.timeoutMs = 600_000
        }
    }
}

// MARK: - What a client does

extension AgnostStage {
    static let mia = ["email": "mia@example.test", "password": "correct horse"]

    /// The id of a user whom `Self.mia` signs in.
    @discardableResult
    func addMia(fields: [String: JSONValue] = ["team": "blue"]) -> String {
        fake.addUser(
            email: "mia@example.test", phone: "+491700000042", password: "correct horse", name: "Mia", fields: fields)
    }

    @discardableResult
    func signIn(_ fields: [String: String] = mia, method: String = "password") async throws -> SignInResult {
        try await keeper.signIn(method: method, fields: SignInFields(fields), durationMinutes: nil, expect: nil)
    }

    /// Answers the challenge that is open.
    @discardableResult
    func answer(code: String) async throws -> SignInResult {
        try await keeper.answer(
            challenge: snapshot.challenge?.id ?? "", fields: SignInFields(["code": code]), durationMinutes: nil,
            expect: nil)
    }

    @discardableResult
    func signUp(_ fields: [String: JSONValue]) async throws -> SignInResult {
        try await keeper.signUp(
            method: "password", fields: SignInFields(values: fields), durationMinutes: nil, expect: nil)
    }

    /// Signs in mia, whom it adds, and lets the session grow older than those that are asked for twice. Her id.
    @discardableResult
    func signInMia() async throws -> String {
        let id = addMia()
        try await signIn()
        clock.advance(byMs: 31_000)
        fake.forgetCalls()
        return id
    }

    /// Asks the service now. What goes wrong shows in the snapshot.
    @discardableResult
    func validate() async -> Snapshot {
        do { return try await keeper.authenticate(durationMinutes: nil, expect: nil).snapshot } catch {
            return snapshot
        }
    }

    func revoke(_ target: RevocationTarget, force: Bool = false) async throws -> RevocationResult {
        try await keeper.revoke(target, force: force, expect: nil)
    }

    /// The calls so far, as `POST auth/signout`.
    var asked: [String] {
        fake.calls().map { "\($0.verb) \($0.path.dropFirst(fake.path("").count))" }
    }
}

extension ObjectInfo {
    /// When the provider has confirmed it; nil where it has not, or there is none.
    var validatedAt: Int64? {
        guard case .available(_, let lastValidatedAt) = self else { return nil }
        return lastValidatedAt
    }
}

/// Expects a call to fail with this error.
func expectFailure(
    _ expected: KeeperError, sourceLocation: SourceLocation = #_sourceLocation,
    of call: () async throws -> some Any
) async {
    let error = await failure(of: call)
    #expect(error == expected, sourceLocation: sourceLocation)
}

// A failed expectation shows its values with all that they hold: here that would be a whole transport.
extension AgnostStage: CustomReflectable {
    var customMirror: Mirror { Mirror(self, children: []) }
}
