import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

/// What the suites about Stytch's B2B product have in common.
extension StytchStage.Setup {
    static func b2b(_ entrance: StytchStage.Entrance = .sdk) -> StytchStage.Setup {
        StytchStage.Setup(product: .b2b, entrance: entrance)
    }
}

extension FakeCall {
    /// The session in whose name it was made, in either entrance.
    func session(_ entrance: StytchStage.Entrance) -> String? {
        entrance == .sdk ? sessionToken : body?["session_token"]?.stringValue
    }

    var intermediate: String? { body?["intermediate_session_token"]?.stringValue }
}

extension StytchStage {
    static let memberEmail = "bo@example.org"
    static let memberPhone = "+15005550006"
    static let memberPassword = "correct horse"

    @discardableResult
    func signInMember(to organization: String, minutes: Int? = nil) async throws -> SignInResult {
        try await signIn(
            "password",
            ["organizationId": organization, "email": Self.memberEmail, "password": Self.memberPassword],
            minutes: minutes)
    }

    var objectNames: Set<String> { Set(snapshot.objects.keys) }

    /// When each of the objects was confirmed; nil where one is not available.
    var validationTimes: [Int64?] {
        ["session", "member", "organization"].map { snapshot.objects[$0]?.validatedAt }
    }

    /// Lets the next regular heartbeat come, and returns when it is answered.
    func heartbeat() async {
        clock.advance(byMs: 180_000)
        let now = clock.now().wall
        await profile.until { $0.snapshot.heartbeat.lastSuccessAt == now }
    }

    /// An intermediate session stays out of everything but the bodies of the steps that follow it.
    func expectIntermediatesStayInside(sourceLocation: SourceLocation = #_sourceLocation) {
        let calls = fake.calls()
        let tokens = Set(calls.compactMap(\.intermediate))
        #expect(!tokens.isEmpty, "there was one", sourceLocation: sourceLocation)
        let shown = String(decoding: snapshot.json.encoded, as: UTF8.self)
        for token in tokens {
            #expect(!shown.contains(token), "never in a snapshot", sourceLocation: sourceLocation)
            #expect(self.token != token, "never in a session's place", sourceLocation: sourceLocation)
        }
        for call in calls {
            let isInHeaders = call.headers.values.contains { header in tokens.contains { header.contains($0) } }
            #expect(
                !isInHeaders && !tokens.contains(call.password ?? ""), "\(call.path)", sourceLocation: sourceLocation)
            guard call.intermediate != nil else { continue }
            #expect(
                call.session(setup.entrance) == nil, "beside a session: \(call.path)", sourceLocation: sourceLocation)
        }
    }
}
