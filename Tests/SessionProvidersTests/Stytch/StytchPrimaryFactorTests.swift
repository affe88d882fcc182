import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Another primary factor at Stytch", .timeLimit(.minutes(1)))
struct StytchPrimaryFactorTests {
    private typealias Stage = StytchStage

    @Test(
        "where the organization does not take the first factor, it says which it takes, and takes those",
        arguments: ["password", "email_otp", "magic_link"], StytchStage.Entrance.allCases)
    func wanted(method: String, entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            let organization = stage.fake.addOrganization(allowedMethods: [method, "sso"])
            let member = stage.fake.addMember(
                of: organization, email: Stage.memberEmail, password: Stage.memberPassword)
            if method == "password" {
                try await stage.signIn("otp", ["organizationId": organization, "email": Stage.memberEmail])
                try await stage.answer(["code": try #require(stage.fake.code(to: Stage.memberEmail))])
            } else {
                try await stage.signInMember(to: organization)
            }
            let challenge = try #require(stage.snapshot.challenge)
            #expect(challenge.kind == "primary" && challenge.details == ["methods": [.string(method), "sso"]])
            #expect(challenge.expiresAt == stage.clock.now().wall + 600_000)
            try await Self.refuses(method, challenge, stage)
            try await stage.restarted { stage in
                #expect(stage.snapshot.challenge == challenge)
                let fields = try await Self.fields(method, member, stage)
                #expect(stage.snapshot.challenge?.id == challenge.id, "a code that is sent is no new challenge")
                let done = try await stage.answer(fields, minutes: 60)
                #expect(done.outcome == .signedIn)
                #expect(stage.snapshot.expiresAt == stage.clock.now().wall + 3_600_000)
                let first = method == "password" ? "email_otp" : "password"
                #expect(stage.fake.sessions.first?.factors == [first, method], "both count")
                stage.expectIntermediatesStayInside()
            }
        }
    }

    /// A wrong answer, and none, leave it open.
    private static func refuses(_ method: String, _ challenge: Challenge, _ stage: StytchStage) async throws {
        let wrong = await failure {
            try await stage.answer(["method": method, "password": "wrong", "code": "000000", "token": "wrong"])
        }
        guard case .upstreamRejected(_, 401)? = wrong else {
            Issue.record("\(String(describing: wrong))")
            return
        }
        #expect(stage.snapshot.challenge == challenge)
        let browser = await failure { try await stage.answer(["method": "sso"]) }
        guard case .invalidField("method", _)? = browser else {
            Issue.record("\(String(describing: browser))")
            return
        }
    }

    private static func fields(
        _ method: String, _ member: String, _ stage: StytchStage
    ) async throws -> [String: String] {
        switch method {
        case "password": return ["method": method, "password": Stage.memberPassword]
        case "email_otp":
            #expect(try await stage.answer(["method": method]).outcome == .challenge)
            #expect(stage.snapshot.challenge?.details["sentTo"] == "b***@example.org")
            return ["method": method, "code": try #require(stage.fake.code(to: Stage.memberEmail))]
        default:
            return ["method": method, "token": stage.fake.sendLink(to: Stage.memberEmail, ownerID: member)]
        }
    }

    @Test("a second factor may follow the other primary one, under a challenge of its own")
    func thenSecond() async throws {
        try await StytchStage.with(.b2b()) { stage in
            let organization = stage.fake.addOrganization(requiresMFA: true, allowedMethods: ["email_otp"])
            stage.fake.addMember(
                of: organization, email: Stage.memberEmail, password: Stage.memberPassword, recoveryCodes: ["r-1"])
            try await stage.signInMember(to: organization)
            let primary = try #require(stage.snapshot.challenge)
            try await stage.answer(["method": "email_otp"])
            try await stage.answer([
                "method": "email_otp", "code": try #require(stage.fake.code(to: Stage.memberEmail)),
            ])
            let second = try #require(stage.snapshot.challenge)
            #expect(second.kind == "mfa" && second.id != primary.id && second.details["sentTo"] == nil)
            let late = await failure {
                try await stage.keeper.answer(
                    challenge: primary.id, fields: SignInFields(["method": "email_otp"]), durationMinutes: nil,
                    expect: nil)
            }
            #expect(late == .challengeNotFound)
            try await stage.answer(["method": "recovery_code", "code": "r-1"])
            #expect(stage.fake.sessions.first?.factors == ["password", "email_otp", "recovery_codes"])
            stage.expectIntermediatesStayInside()
        }
    }

    @Test("the chosen organization of a discovery may want another primary factor")
    func discovered() async throws {
        try await StytchStage.with(.b2b()) { stage in
            let organization = stage.fake.addOrganization(allowedMethods: ["password"])
            stage.fake.addMember(of: organization, email: Stage.memberEmail, password: Stage.memberPassword)
            try await stage.signIn("discovery", ["email": Stage.memberEmail])
            try await stage.answer(["code": try #require(stage.fake.code(to: Stage.memberEmail))])
            try await stage.answer(["organizationId": organization])
            #expect(stage.snapshot.challenge?.details == ["methods": ["password"]])
            try await stage.answer(["method": "password", "password": Stage.memberPassword])
            #expect(stage.snapshot.phase == .active)
            stage.expectIntermediatesStayInside()
        }
    }

    @Test(
        "an answer that lacks what its method needs is named, and nothing is sent",
        arguments: [("password", "password"), ("magic_link", "token"), ("sso", "method")])
    func fields(method: String, path: String) async throws {
        try await StytchStage.with(.b2b()) { stage in
            let organization = stage.fake.addOrganization(allowedMethods: ["sso"])
            stage.fake.addMember(of: organization, email: Stage.memberEmail, password: Stage.memberPassword)
            try await stage.signInMember(to: organization)
            stage.fake.forgetCalls()
            let error = await failure { try await stage.answer(["method": method]) }
            guard case .invalidField(path, _)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(stage.fake.calls().isEmpty)
        }
    }
}
