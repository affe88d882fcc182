import FakeServices
import SessionCore
import SessionProtocol
import SessionProviders
import SessionTesting
import Synchronization

/// Where the API key is read.
final class KeyFile: Sendable {
    private let text = Mutex<String?>(nil)
    var content: String? {
        get { text.withLock { $0 } }
        set { text.withLock { $0 = newValue } }
    }
}

final class AgnostStage: ProviderStage {
    struct Setup: Sendable {
        var prefix = "/agnost"
        /// Long: a busy machine is no failing service.
        var callMs: Int64 = 60_000
        var signInURL: String?
        var keepAlive = false
    }

    let parts: StageParts<FakeAgnost>
    let setup: Setup
    let provider: AgnostProvider
    let profile: KeptProfile
    let keyFile = KeyFile()

    static var usual: Setup { Setup() }

    static func fake(_ setup: Setup, now: @escaping @Sendable () -> Int64) -> FakeAgnost {
        FakeAgnost(now: now, prefix: setup.prefix)
    }

    init(_ setup: Setup, _ parts: StageParts<FakeAgnost>) {
        self.setup = setup
        self.parts = parts
        keyFile.content = parts.fake.apiKey
        provider = Self.provider(
            setup, parts, keyFile, over: parts.upstream(basePath: parts.fake.basePath, callMs: setup.callMs))
        profile = parts.profile(of: provider) { $0.keepAlive = setup.keepAlive }
    }
}

extension AgnostStage {
    private static func provider(
        _ setup: Setup, _ parts: StageParts<FakeAgnost>, _ keyFile: KeyFile, over upstream: any UpstreamSending
    ) -> AgnostProvider {
        AgnostProvider(
            service: AgnostService(
                apiKey: { Secret(keyFile.content) }, pathPrefix: setup.prefix, signInURL: setup.signInURL),
            upstream: upstream, now: parts.now, logger: parts.log.logger)
    }

    /// The same service over a way on which calls can hang, and the session as the keeper hands it in.
    func slowly() -> (provider: AgnostProvider, upstream: SlowUpstream, session: ProviderSession) {
        let upstream = SlowUpstream(
            parts.upstream(basePath: fake.basePath, callMs: setup.callMs), timeoutMs: 6000)
        return (
            Self.provider(setup, parts, keyFile, over: upstream), upstream,
            ProviderSession(tokens: TokenSet(sessionToken: Secret(token)))
        )
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
        try await signIn(method, fields)
    }

    @discardableResult
    func answer(code: String) async throws -> SignInResult {
        try await answer(["code": code])
    }

    @discardableResult
    func signUp(_ fields: [String: JSONValue]) async throws -> SignInResult {
        try await keeper.signUp(
            method: "password", fields: SignInFields(values: fields), durationMinutes: nil, expect: nil)
    }

    /// Signs in mia, whom it adds, and settles down. Her id.
    @discardableResult
    func signInMia() async throws -> String {
        let id = addMia()
        try await signIn()
        settleDown()
        return id
    }

    /// The calls so far, as `POST auth/signout`.
    var asked: [String] {
        fake.calls().map { "\($0.verb) \($0.path.dropFirst(fake.path("").count))" }
    }
}
