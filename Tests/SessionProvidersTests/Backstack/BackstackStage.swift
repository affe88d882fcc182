import FakeServices
import SessionCore
import SessionProtocol
import SessionProviders
import SessionTesting

final class BackstackStage: ProviderStage {
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

    let parts: StageParts<FakeBackstack>
    let setup: Setup
    let provider: BackstackProvider
    let profile: KeptProfile
    let way: SlowUpstream

    var jwt: Secret? { keeper.publication.session?.tokens.sessionToken }

    static var usual: Setup { .strict }

    static func fake(_ setup: Setup, now: @escaping @Sendable () -> Int64) -> FakeBackstack {
        let fake = FakeBackstack(now: now)
        fake.choices = setup.choices
        return fake
    }

    init(_ setup: Setup, _ parts: StageParts<FakeBackstack>) {
        self.setup = setup
        self.parts = parts
        let appKey = Secret(setup.appKey ?? parts.fake.appKey)
        way = SlowUpstream(parts.upstream(callMs: setup.callMs), timeoutMs: setup.callMs)
        provider = BackstackProvider(
            service: SessionProviders.BackstackService(appKey: { appKey }, providerID: setup.providerID),
            upstream: way, now: parts.now)
        profile = parts.profile(of: provider) { $0.heartbeat.timeoutMs = setup.limitMs }
    }
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
        try await signIn("password", ["username": username, "password": password])
    }

    /// Kari signs in to the one account or the first of two, and settles down.
    @discardableResult
    func signInKari(accounts count: Int = 1) async throws -> BackstackPeople {
        let people = settle(accounts: count)
        try await signIn()
        if count > 1 { try await answer(["accountId": people.yard]) }
        settleDown()
        return people
    }

    func allows(_ required: String) -> Bool { keeper.allows(.requirement(required), in: keeper.publication) }

    var alertIDs: [String?] { keeper.alerts(in: keeper.publication).map { $0["id"]?.stringValue } }
}

extension FakeCall {
    /// What stands in Authorization.
    var credential: Secret? { Secret(headers["authorization"]) }
}
