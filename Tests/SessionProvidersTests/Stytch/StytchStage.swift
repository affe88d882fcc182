import FakeServices
import SessionCore
import SessionProtocol
import SessionProviders
import SessionTesting

final class StytchStage: ProviderStage {
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

    let parts: StageParts<FakeStytch>
    let setup: Setup
    let provider: StytchProvider
    let profile: KeptProfile

    static var usual: Setup { Setup() }

    static func fake(_ setup: Setup, now: @escaping @Sendable () -> Int64) -> FakeStytch {
        FakeStytch(product: setup.product, now: now)
    }

    init(_ setup: Setup, _ parts: StageParts<FakeStytch>) {
        self.setup = setup
        self.parts = parts
        let fake = parts.fake
        let secret = setup.secret ?? Secret(fake.secret)
        let project = StytchProject(
            product: setup.product == .b2b ? .b2b : .consumer,
            entrance: setup.entrance == .sdk
                ? .sdk(publicToken: fake.publicToken, appIdentifier: setup.appIdentifier)
                : .server(projectID: fake.projectID, secret: setup.readsSecret ?? { secret }),
            projectID: setup.checksJWTs ? fake.projectID : nil)
        provider = StytchProvider(
            project: project, upstream: parts.upstream(callMs: setup.callMs), now: parts.now, logger: parts.log.logger)
        profile = parts.profile(of: provider) { settings in
            settings.keepAlive = setup.keepAlive
            settings.sessionDurationMinutes = setup.sessionDurationMinutes
        }
    }
}

// MARK: - What a client does

extension StytchStage {
    /// Signs in ada, whom it adds, and settles down.
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
        settleDown()
        return fake.sessions[fake.sessions.count - 1]
    }
}
