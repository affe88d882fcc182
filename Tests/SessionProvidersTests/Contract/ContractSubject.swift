import DaemonProcess
import FakeServices
import FoundationEssentials
import Logging
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@testable import SessionProviders

/// Every provider, and the service that it is tried with.
enum ContractSubject: String, CaseIterable, CustomTestStringConvertible {
    case embedded
    case stytch
    case stytchServer = "stytch with the project's secret"
    case stytchB2B = "stytch-b2b"
    /// The other of two behaviours, wherever two are possible.
    case stytchOtherwise = "stytch that replaces tokens and answers 401"
    case agnost
    case backstack
    /// The other of two behaviours, wherever two are possible.
    case backstackOtherwise = "backstack of the third generation, with maps as lists"

    var testDescription: String { rawValue }

    func with(_ body: (ContractService) async throws -> Void) async throws {
        switch self {
        case .embedded: try await Self.withEmbedded(body)
        case .stytch: try await Self.withStytch(.consumer, isServer: false, body)
        case .stytchServer: try await Self.withStytch(.consumer, isServer: true, body)
        case .stytchB2B: try await Self.withStytch(.b2b, isServer: false, body)
        case .stytchOtherwise:
            try await Self.withStytch(.consumer, isServer: false, choosing: Self.otherwise, body)
        case .agnost: try await Self.withAgnost(body)
        case .backstack: try await Self.withBackstack(FakeBackstackChoices(), body)
        case .backstackOtherwise:
            var choices = FakeBackstackChoices()
            choices.generation = .enveloped("data")
            choices.emptyMapsAsArrays = true
            choices.loginAccounts = .array
            try await Self.withBackstack(choices, body)
        }
    }

    private static let password = "correct horse canary"

    private static func withEmbedded(_ body: (ContractService) async throws -> Void) async throws {
        let clock = ManualClock()
        let folder = TemporaryFolder()
        let log = RecordedLog()
        let path = folder.path("authority.sqlite")
        let authority = EmbeddedAuthority(
            path: path, cost: .trivial, concurrentHashes: 2, waitingHashes: 256, logger: log.logger
        ) { clock.now().wall }
        _ = try await authority.addUser(
            username: "ada", password: try #require(Secret(password)), name: nil, access: [:])
        let service = ContractService(
            provider: EmbeddedProvider(authority: authority), clock: clock, log: log, password: password,
            fields: ["username": "ada", "password": password],
            outages: [
                .init(
                    name: "the database is gone",
                    begin: { try FileManager.default.moveItem(atPath: path, toPath: path + ".away") },
                    end: { try FileManager.default.moveItem(atPath: path + ".away", toPath: path) })
            ],
            endAtService: { try authority.revokeSession(id: $0.sessionID ?? "") })
        try await body(service)
        withExtendedLifetime(folder) {}
    }

    private static func withStytch(
        _ product: FakeStytch.Product, isServer: Bool, choosing: (inout FakeStytchChoices) -> Void = { _ in },
        _ body: (ContractService) async throws -> Void
    ) async throws {
        let clock = ManualClock()
        let fake = FakeStytch(product: product, now: { clock.now().wall })
        choosing(&fake.choices)
        let log = RecordedLog()
        let secret = Secret(fake.secret)
        let project = StytchProject(
            product: product == .b2b ? .b2b : .consumer,
            entrance: isServer
                ? .server(projectID: fake.projectID, secret: { secret })
                : .sdk(publicToken: fake.publicToken, appIdentifier: "dev.example.app"),
            projectID: fake.projectID)
        var fields = ["email": "ada@example.org", "password": password]
        switch product {
        case .consumer: fake.addUser(email: "ada@example.org", password: password)
        case .b2b:
            let organization = fake.addOrganization()
            fake.addMember(of: organization, email: "ada@example.org", password: password)
            fields["organizationId"] = organization
        }
        try await withUpstream({ await fake.answer($0) }, log) { upstream in
            try await body(
                ContractService(
                    provider: StytchProvider(
                        project: project, upstream: upstream, now: { clock.now().wall }, logger: log.logger),
                    clock: clock, log: log, password: password, fields: fields,
                    outages: outages(of: fake, code: "project_not_found", stytchTroubles),
                    endAtService: { fake.revoke(sessionID: $0.sessionID ?? "") }))
        }
    }

    private static func otherwise(_ choices: inout FakeStytchChoices) {
        choices.whenExpired = "unauthorized_credentials"
        choices.whenRevoked = "unauthorized_credentials"
        choices.whenAnonymous = "user_unauthenticated"
        choices.refusesDeadTokenAtLogin = true
        choices.rotatesTokens = true
        choices.keepsRotatedTokens = true
    }

    private static let stytchTroubles: [(String, FakeEffect)] = [
        ("too many requests", .tooManyRequests(retryAfter: "5")),
        ("a server that says so", .error("internal_server_error", status: 500)),
        ("an unknown refusal", .error("a_type_of_next_month", status: 401)),
    ]

    private static func withAgnost(_ body: (ContractService) async throws -> Void) async throws {
        let clock = ManualClock()
        let fake = FakeAgnost(now: { clock.now().wall })
        let log = RecordedLog()
        let key = Secret(fake.apiKey)
        fake.addUser(email: "ada@example.org", password: password)
        try await withUpstream({ await fake.answer($0) }, log, basePath: fake.basePath) { upstream in
            try await body(
                ContractService(
                    provider: AgnostProvider(
                        service: AgnostService(apiKey: { key }), upstream: upstream, now: { clock.now().wall },
                        logger: log.logger),
                    clock: clock, log: log, password: password,
                    fields: ["email": "ada@example.org", "password": password],
                    outages: outages(of: fake, code: "invalid_api_key"),
                    endAtService: { fake.revoke(token: $0.tokens.sessionToken?.reveal() ?? "") }))
        }
    }

    private static func withBackstack(
        _ choices: FakeBackstackChoices, _ body: (ContractService) async throws -> Void
    ) async throws {
        let clock = ManualClock()
        let fake = FakeBackstack(now: { clock.now().wall })
        fake.choices = choices
        let log = RecordedLog()
        let key = Secret(fake.appKey)
        let account = fake.addAccount("North")
        let user = fake.addUser("ada", password: password, accounts: [account])
        try await withUpstream({ await fake.answer($0) }, log) { upstream in
            try await body(
                ContractService(
                    provider: BackstackProvider(
                        service: BackstackService(appKey: { key }), upstream: upstream, now: { clock.now().wall }),
                    clock: clock, log: log, password: password, fields: ["username": "ada", "password": password],
                    outages: outages(of: fake, code: "403"), endAtService: { _ in fake.signOut(user) }))
        }
    }

    /// - Parameter code: an error that an administrator must mend.
    private static func outages(
        of fake: some ScriptedFake, code: String, _ further: [(String, FakeEffect)] = []
    ) -> [ContractService.Outage] {
        let effects: [(String, FakeEffect)] = [
            ("no connection", .drop), ("an answer that breaks off", .truncated(after: 20)),
            ("an answer that is lost", .lost), ("a proxy's page", .html(status: 502)),
            ("a captive portal", .html(status: 200)), ("a refusal of a proxy's", .html(status: 401)),
            ("a wrong setting", .error(code)), ("a server in trouble", .html(status: 500)),
            ("an empty answer", .empty(status: 200)), ("an answer that is too large", .padded(bytes: 800_000)),
        ]
        return (effects + further).map { name, effect in
            .init(name: name, begin: { fake.always(effect) }, end: { fake.unscript() })
        }
    }

    /// A service on a real server, and the way to it.
    static func withUpstream(
        _ answer: @escaping @Sendable (FakeRequest) async -> FakeAnswer, _ log: RecordedLog, basePath: String = "",
        _ body: (Upstream) async throws -> Void
    ) async throws {
        let server = try await FakeHTTPServer.start(answer)
        let transport = HTTPTransport(environment: [:], clock: SystemClock(), logger: log.logger)
        let result: Result<Void, any Error>
        do {
            result = .success(
                try await body(
                    transport.upstream(
                        UpstreamSettings(baseURL: server.baseURL + basePath, caFile: nil, timeoutMs: 60_000))))
        } catch {
            result = .failure(error)
        }
        await transport.shutDown()
        await server.stop()
        try result.get()
    }
}
