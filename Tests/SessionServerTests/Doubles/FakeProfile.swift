import SessionCore
import SessionProtocol
import Synchronization

/// A profile whose state tests set, and whose calls they script.
final class FakeProfile: ProfileServing {
    /// What the fake was asked to do, as words.
    struct Script: Sendable {
        var calls: [String] = []
        var failure: KeeperError?
        /// What `settle` publishes before it answers.
        var settlesTo: Phase?
        var headers: [String: Secret]? = ["Authorization": Secret("Bearer t")].compactMapValues { $0 }
    }

    let profile: String
    let traits: ProviderTraits
    let board: PublicationBoard
    let script = Mutex(Script())
    /// Every call but `settle` passes here first.
    let gate = Gate()
    let settleGate = Gate()
    let signInURL: String? = "https://auth.example/sign-in"
    private let onChange = Mutex<(@Sendable (String) -> Void)?>(nil)

    init(_ profile: String = "default", traits: ProviderTraits = .embedded, gated: Bool = false) {
        self.profile = profile
        self.traits = traits
        self.board = PublicationBoard(.first(profile: profile, traits: traits))
        if !gated { gate.open() }
        settleGate.open()
    }

    func tellChanges(to listener: @escaping @Sendable (String) -> Void) { onChange.withLock { $0 = listener } }

    var publication: Publication { board.current }

    /// Publishes a changed state and tells the server, as a keeper does.
    @discardableResult
    func publish(
        topics: Set<String> = ["phase", "session"], isChange: Bool = true, deadline: Deadline? = nil,
        encode: (Snapshot) -> [UInt8] = { $0.json.encoded }, _ edit: (inout Snapshot, inout ProviderSession?) -> Void
    ) -> Publication {
        let old = board.current
        var snapshot = old.snapshot
        var session = old.session
        if isChange { snapshot.revision += 1 }
        edit(&snapshot, &session)
        let sequence = old.sequence + 1
        var topicSequences = old.topicSequences
        for topic in topics { topicSequences[topic] = sequence }
        let publication = Publication(
            snapshot: snapshot, session: session, deadline: deadline, sequence: sequence,
            topicSequences: topicSequences, changeSequence: isChange ? sequence : old.changeSequence, encode: encode)
        board.publish(publication)
        onChange.withLock { $0 }?(profile)
        return publication
    }

    func publish(phase: Phase) { publish { snapshot, _ in snapshot.phase = phase } }

    func settle() async -> Publication {
        await settleGate.pass()
        if let phase = script.withLock({ $0.settlesTo }) { publish(phase: phase) }
        return board.current
    }

    private func called(_ name: String) async throws(KeeperError) {
        script.withLock { $0.calls.append(name) }
        await gate.pass()
        if let failure = script.withLock({ $0.failure }) { throw failure }
    }

    private func signedIn(_ name: String) async throws(KeeperError) -> SignInResult {
        try await called(name)
        return SignInResult(outcome: .signedIn, publication: publish { snapshot, _ in snapshot.phase = .active })
    }

    private func changed(_ name: String) async throws(KeeperError) -> Publication {
        try await called(name)
        return publish { _, _ in }
    }
}

extension FakeProfile {
    func signIn(method: String, fields: SignInFields, durationMinutes: Int?, expect: Expectation?)
        async throws(KeeperError) -> SignInResult
    { try await signedIn("signIn \(method) \(fields.names) \(durationMinutes ?? 0)") }
    func signUp(method: String, fields: SignInFields, durationMinutes: Int?, expect: Expectation?)
        async throws(KeeperError) -> SignInResult
    { try await signedIn("signUp \(method) \(fields.names)") }
    func answer(challenge: String, fields: SignInFields, durationMinutes: Int?, expect: Expectation?)
        async throws(KeeperError) -> SignInResult
    { try await signedIn("answer \(challenge) \(fields.names)") }
    func exchange(accessToken: Secret, durationMinutes: Int?, expect: Expectation?)
        async throws(KeeperError) -> SignInResult
    { try await signedIn("exchange accessToken") }
    func exchange(organizationID: String, durationMinutes: Int?, expect: Expectation?)
        async throws(KeeperError) -> SignInResult
    { try await signedIn("exchange \(organizationID)") }

    func authenticate(durationMinutes: Int?, expect: Expectation?) async throws(KeeperError) -> Publication {
        try await changed("authenticate \(durationMinutes ?? 0) \(expect?.revision ?? -1)")
    }
    func update(_ handedIn: HandedInSession, expect: Expectation?) async throws(KeeperError) -> Publication {
        let session = handedIn.session.map { String(decoding: $0.encoded, as: UTF8.self) } ?? "-"
        return try await changed("update \(handedIn.sessionToken.reveal()) \(session)")
    }
    func revoke(_ target: RevocationTarget, force: Bool, expect: Expectation?)
        async throws(KeeperError) -> RevocationResult
    {
        RevocationResult(
            isConfirmed: true, isPending: false, publication: try await changed("revoke \(target) \(force)"))
    }
    func invalidate(expect: Expectation?) async throws(KeeperError) -> Publication { try await changed("invalidate") }
    func clearLocal(expect: Expectation?) async throws(KeeperError) -> Publication { try await changed("clearLocal") }
    func lock(expect: Expectation?) async throws(KeeperError) -> Publication { try await changed("lock") }
    func unlock(password: Secret, expect: Expectation?) async throws(KeeperError) -> Publication {
        try await changed("unlock")
    }
    func switchAccount(id: String, expect: Expectation?) async throws(KeeperError) -> Publication {
        try await changed("switch \(id)")
    }
    func updateUser(_ user: JSONValue, expect: Expectation?) async throws(KeeperError) -> Publication {
        try await changed("updateUser")
    }

    func tokens(minValidMs: Int64) async throws(KeeperError) -> Publication {
        try await called("tokens \(minValidMs)")
        return board.current
    }
    func listSessions() async throws(KeeperError) -> [ListedSession] {
        try await called("listSessions")
        return [ListedSession(id: "s-1", isCurrent: true, createdAt: 5, userAgent: nil, value: ["id": "s-1"])]
    }
    func listAccounts() async throws(KeeperError) -> AccountList {
        try await called("listAccounts")
        return AccountList(accounts: [.init(id: "a", title: "A")], current: nil)
    }
    func fetchUser() async throws(KeeperError) -> ObjectInfo {
        try await called("fetchUser")
        return .available(["name": "Ada"], lastValidatedAt: 7)
    }

    func headers(of publication: Publication) -> [String: Secret]? { script.withLock { $0.headers } }
    func allows(_ question: AccessQuestion, in publication: Publication) -> Bool {
        question == .requirement("reports:r") || question == .action("r", resource: "reports")
    }
    func alerts(in publication: Publication) -> [JSONValue] { [["id": "a-1"]] }
}

extension ProviderTraits {
    static var embedded: ProviderTraits {
        var traits = ProviderTraits(
            name: "embedded", objects: ["session", "user", "access"],
            operations: [
                .signUp, .exchangeAccessToken, .extend, .listSessions, .revokeOthers, .revokeAll, .revokeByID,
                .fetchUser, .updateUser, .headers, .accessCheck, .update,
            ])
        traits.signInMethods = ["password": FieldSet(required: ["username", "password"])]
        traits.signUpMethods = [
            "password": FieldSet(required: ["username", "password"], optional: ["name"], objects: ["userData"])
        ]
        traits.challengeAnswers = ["otp": FieldSet(required: ["code"])]
        traits.maximumTokenValidityMs = 300_000
        return traits
    }
}

extension Publication {
    static func first(profile: String, traits: ProviderTraits) -> Publication {
        Publication(
            snapshot: Snapshot(
                profile: profile, provider: traits.name, instance: "i-1", revision: 1, phase: .signedOut,
                cause: Cause(.neverSignedIn, at: 1), expiresAt: nil, lastValidatedAt: nil,
                objects: Dictionary(
                    traits.objects.map { ($0, .unavailable(.signedOut)) }, uniquingKeysWith: { first, _ in first }),
                heartbeat: HeartbeatStatus(intervalMs: 180_000), challenge: nil),
            session: nil, deadline: nil, sequence: 1, topicSequences: [:], changeSequence: 1)
    }
}
