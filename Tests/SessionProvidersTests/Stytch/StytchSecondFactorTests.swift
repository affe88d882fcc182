import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("A second factor at Stytch", .timeLimit(.minutes(1)))
struct StytchSecondFactorTests {
    private typealias Stage = StytchStage

    /// A member of an organization that asks for a second factor.
    private func organization(
        _ fake: FakeStytch, phone: String? = nil, totp: Bool = false, recoveryCodes: [String] = []
    ) -> (organization: String, member: String) {
        let organization = fake.addOrganization(requiresMFA: true)
        let member = fake.addMember(
            of: organization, email: Stage.memberEmail, password: Stage.memberPassword, phone: phone, totp: totp,
            recoveryCodes: recoveryCodes)
        return (organization, member)
    }

    @Test(
        "a method without a code has one sent: same challenge, masked address; a wrong code leaves it open",
        arguments: StytchStage.Entrance.allCases)
    func textMessage(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            let (organization, member) = organization(stage.fake, phone: Stage.memberPhone)
            let begun = try await stage.signInMember(to: organization, minutes: 60)
            #expect(begun.outcome == .challenge && stage.snapshot.phase == .challenged)
            let first = try #require(stage.snapshot.challenge)
            #expect(first.kind == "mfa" && first.details == ["methods": ["sms_otp"]])
            #expect(stage.fake.code(to: Stage.memberPhone) == nil, "nothing is sent unasked")

            #expect(try await stage.answer(["method": "sms_otp"]).outcome == .challenge)
            let sent = try #require(stage.snapshot.challenge)
            #expect(sent.id == first.id && sent.expiresAt == first.expiresAt)
            #expect(sent.details == ["methods": ["sms_otp"], "sentTo": "***06"])

            for _ in 0..<2 {
                let wrong = await failure { try await stage.answer(["method": "sms_otp", "code": "000000"]) }
                #expect(wrong == .upstreamRejected(reason: "unable_to_auth_otp_code", status: 401))
                #expect(stage.snapshot.challenge == sent)
            }
            try await stage.restarted { stage in
                #expect(stage.snapshot.challenge == sent, "over a restart")
                let code = try #require(stage.fake.code(to: Stage.memberPhone))
                let done = try await stage.answer(["method": "sms_otp", "code": code], minutes: 30)
                #expect(done.outcome == .signedIn && stage.snapshot.challenge == nil)
                #expect(stage.snapshot.expiresAt == stage.clock.now().wall + 1_800_000)
                #expect(stage.fake.sessions.map(\.ownerID) == [member])
                #expect(stage.fake.sessions.first?.factors == ["password", "otp"])
                stage.expectIntermediatesStayInside()
            }
        }
    }

    @Test(
        "a code that Stytch has sent with the first factor is not sent again", arguments: StytchStage.Entrance.allCases)
    func sentAtOnce(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            stage.fake.choices.sendsSecondCodeAtOnce = true
            let (organization, _) = organization(stage.fake, phone: Stage.memberPhone)
            try await stage.signInMember(to: organization)
            #expect(stage.snapshot.challenge?.details["sentTo"] == "***06")
            let code = try #require(stage.fake.code(to: Stage.memberPhone))
            #expect(try await stage.answer(["method": "sms_otp", "code": code]).outcome == .signedIn)
            #expect(stage.fake.calls(on: "b2b/otps/sms/send").isEmpty)
        }
    }

    @Test(
        "an authenticator app and a recovery code are what a member of them is asked for",
        arguments: ["totp", "recovery_code"], StytchStage.Entrance.allCases)
    func authenticator(method: String, entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            let (organization, member) = organization(stage.fake, totp: true, recoveryCodes: ["back-up-1"])
            try await stage.signInMember(to: organization)
            let challenge = try #require(stage.snapshot.challenge)
            #expect(challenge.details == ["methods": ["totp", "recovery_code"]])
            let wrong = await failure { try await stage.answer(["method": method, "code": "000000"]) }
            guard case .upstreamRejected? = wrong else {
                Issue.record("\(String(describing: wrong))")
                return
            }
            #expect(stage.snapshot.challenge == challenge)
            let code = method == "totp" ? try #require(stage.fake.totpCode(of: member)) : "back-up-1"
            #expect(try await stage.answer(["method": method, "code": code]).outcome == .signedIn)
            let path = method == "totp" ? "b2b/totp/authenticate" : "b2b/recovery_codes/recover"
            let call = try #require(stage.fake.calls(on: path).last)
            #expect(call.body?["session_duration_minutes"] == 5)
            stage.expectIntermediatesStayInside()
        }
    }

    @Test("a member who is enrolled is asked though the organization does not ask, for all that is set up")
    func enrolled() async throws {
        try await StytchStage.with(.b2b()) { stage in
            let organization = stage.fake.addOrganization()
            stage.fake.addMember(
                of: organization, email: Stage.memberEmail, password: Stage.memberPassword, phone: Stage.memberPhone,
                totp: true, isEnrolled: true)
            try await stage.signInMember(to: organization)
            #expect(stage.snapshot.challenge?.details == ["methods": ["sms_otp", "totp", "recovery_code"]])
        }
    }

    @Test(
        "a member who has set up nothing does it on the way, with a phone number",
        arguments: StytchStage.Entrance.allCases)
    func enrolment(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            let (organization, member) = organization(stage.fake)
            try await stage.signInMember(to: organization)
            let challenge = try #require(stage.snapshot.challenge)
            #expect(challenge.details["methods"]?.arrayValue?.contains("sms_otp") == true)

            let unknown = await failure { try await stage.answer(["method": "sms_otp"]) }
            guard case .invalidField("phoneNumber", _)? = unknown else {
                Issue.record("where to send it is asked for: \(String(describing: unknown))")
                return
            }
            #expect(stage.fake.calls(on: "b2b/otps/sms/send").isEmpty)

            try await stage.answer(["method": "sms_otp", "phoneNumber": Stage.memberPhone])
            #expect(stage.snapshot.challenge?.details["sentTo"] == "***06")
            try await stage.restarted { stage in
                // Once more, to the same number.
                try await stage.answer(["method": "sms_otp"])
                #expect(stage.snapshot.challenge?.details["sentTo"] == "***06")
                #expect(stage.snapshot.challenge?.id == challenge.id)
                #expect(stage.fake.codes.map(\.address) == [Stage.memberPhone, Stage.memberPhone])
                let number = stage.fake.calls(on: "b2b/otps/sms/send").last?.body?["mfa_phone_number"]
                #expect(number == .string(Stage.memberPhone), "Stytch need not have kept it")
                let code = try #require(stage.fake.code(to: Stage.memberPhone))
                #expect(try await stage.answer(["method": "sms_otp", "code": code]).outcome == .signedIn)
                #expect(stage.fake.object(member)?["mfa_phone_number_verified"] == true)
                #expect(stage.object("member")?["mfa_phone_number"] == .string(Stage.memberPhone))
            }
        }
    }

    @Test("an organization that allows some methods only offers those to whoever has set up none")
    func allowed() async throws {
        try await StytchStage.with(.b2b()) { stage in
            let (organization, _) = organization(stage.fake)
            stage.fake.set("mfa_methods", to: "RESTRICTED", of: organization)
            stage.fake.set("allowed_mfa_methods", to: ["sms_otp", "carrier_pigeon"], of: organization)
            try await stage.signInMember(to: organization)
            #expect(stage.snapshot.challenge?.details == ["methods": ["sms_otp"]])
        }
    }

    @Test(
        "an answer that does not fit is named, and nothing is sent",
        arguments: [
            (["method": "carrier_pigeon"], "method"), (["method": "totp"], "code"),
            (["method": "recovery_code", "code": ""], "code"), (["method": ""], "method"),
        ] as [([String: String], String)])
    func fields(fields: [String: String], path: String) async throws {
        try await StytchStage.with(.b2b()) { stage in
            let (organization, _) = organization(stage.fake, totp: true)
            try await stage.signInMember(to: organization)
            let challenge = stage.snapshot.challenge
            stage.fake.forgetCalls()
            let error = await failure { try await stage.answer(fields) }
            guard case .invalidField(path, _)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(stage.fake.calls().isEmpty && stage.snapshot.challenge == challenge)
        }
    }

    @Test(
        "trouble on the way to the code leaves the challenge as it was",
        arguments: [FakeEffect.drop, .html(status: 503), .tooManyRequests(retryAfter: "5"), .empty(status: 200)],
        ["b2b/otps/sms/send", "b2b/otps/sms/authenticate"])
    func trouble(effect: FakeEffect, path: String) async throws {
        try await StytchStage.with(.b2b()) { stage in
            let (organization, _) = organization(stage.fake, phone: Stage.memberPhone)
            try await stage.signInMember(to: organization)
            try await stage.answer(["method": "sms_otp"])
            let challenge = stage.snapshot.challenge
            let code = try #require(stage.fake.code(to: Stage.memberPhone))
            stage.fake.always(effect, on: path)
            let isSending = path.hasSuffix("send")
            let error = await failure {
                try await stage.answer(isSending ? ["method": "sms_otp"] : ["method": "sms_otp", "code": code])
            }
            guard case .upstreamUnavailable? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(stage.snapshot.challenge == challenge)
            stage.fake.unscript()
            #expect(try await stage.answer(["method": "sms_otp", "code": code]).outcome == .signedIn)
        }
    }
}
