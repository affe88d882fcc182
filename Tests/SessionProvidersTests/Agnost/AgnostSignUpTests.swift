import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Signing up at Agnost", .timeLimit(.minutes(1)))
struct AgnostSignUpTests {
    private static let redirect = "https://shop.example.test/welcome"

    @Test("a sign-up makes the user with what it was given, and signs in", arguments: ["email", "phone"])
    func signUp(name: String) async throws {
        try await AgnostStage.with { stage in
            let address: JSONValue = name == "email" ? "new@example.test" : "+491700000077"
            let data: JSONValue = ["team": "green", "nested": ["deep": [1, 2]]]
            var fields = [name: address, "password": "correct horse", "userData": data]
            if name == "email" { fields["redirectURL"] = .string(Self.redirect) }
            #expect(try await stage.signUp(fields).outcome == .signedIn)
            var body = fields
            if name == "email" { body["baseURL"] = .string(stage.server.baseURL + stage.fake.basePath) }
            #expect(stage.asked == ["POST auth/signup-\(name)"])
            #expect(stage.fake.calls().last?.body == .object(body))
            let user = try #require(stage.snapshot.objects["user"]?.value)
            #expect(user["team"] == "green" && user["nested"]?["deep"] == [1, 2] && user[name] == address)
            #expect(stage.snapshot.phase == .active)
            #expect(await stage.validate().phase == .active)
        }
    }

    @Test(
        "one that must be confirmed elsewhere changes nothing here, whether somebody is signed in or not",
        arguments: ["email", "phone"], [true, false])
    func confirmation(name: String, isSignedIn: Bool) async throws {
        try await AgnostStage.with { stage in
            if isSignedIn { try await stage.signInMia() }
            stage.fake.choices.confirmsEmail = true
            stage.fake.choices.confirmsPhone = true
            stage.fake.choices.redirectURL = Self.redirect
            let before = stage.snapshot
            let token = stage.token
            let result = try await stage.signUp([
                name: name == "email" ? "new@example.test" : "+491700000077", "password": "correct horse",
            ])
            #expect(result.outcome == .confirmationNeeded)
            #expect(stage.snapshot == before && stage.token == token)
            #expect(stage.fake.tokens().count == (isSignedIn ? 1 : 0))
        }
    }

    @Test("the code that a sign-up by phone has sent signs in, and a wrong one does not")
    func verifyPhone() async throws {
        try await AgnostStage.with { stage in
            stage.fake.choices.confirmsPhone = true
            let phone = "+491700000077"
            _ = try await stage.signUp(["phone": .string(phone), "password": "correct horse"])
            await expectFailure(.upstreamRejected(reason: "invalid_access_token", status: 403)) {
                try await stage.signIn(["phone": phone, "code": "000000"], method: "verifyPhone")
            }
            let code = try #require(stage.fake.code(to: phone))
            try await stage.signIn(["phone": phone, "code": code], method: "verifyPhone")
            #expect(stage.snapshot.phase == .active)
            #expect(stage.snapshot.objects["user"]?.value?["phoneVerified"] == true)
        }
    }

    @Test("the link in the mail leads to a grant that signs in")
    func mailLink() async throws {
        try await AgnostStage.with { stage in
            stage.fake.choices.confirmsEmail = true
            try await stage.signUp([
                "email": "new@example.test", "password": "correct horse", "redirectURL": .string(Self.redirect),
            ])
            let link = try #require(stage.fake.link(to: "new@example.test"))
            let target = try #require(await stage.fake.answer(link).headers["location"])
            let grant = try #require(
                target.split(separator: "&").flatMap { $0.split(separator: "?") }
                    .first { $0.hasPrefix("access_token=") })
            _ = try await stage.keeper.exchange(
                accessToken: try #require(Secret(String(grant.dropFirst("access_token=".count)))),
                durationMinutes: nil, expect: nil)
            #expect(stage.snapshot.objects["user"]?.value?["emailVerified"] == true)
        }
    }

    @Test("a redirectURL beside a phone is named before anything is sent")
    func redirectForPhone() async throws {
        try await AgnostStage.with { stage in
            let error = await failure {
                try await stage.signUp([
                    "phone": "+491700000077", "password": "correct horse", "redirectURL": .string(Self.redirect),
                ])
            }
            guard case .invalidField("redirectURL", _)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(stage.fake.calls().isEmpty)
        }
    }

    @Test(
        "a refusal says what Agnost calls it",
        arguments: [
            ("email_not_unique", 400, ["email": "mia@example.test", "password": "correct horse"]),
            ("redirect_url_missing", 400, ["email": "new@example.test", "password": "correct horse"]),
            (
                "invalid_redirect_url", 400,
                ["email": "new@example.test", "password": "correct horse", "redirectURL": "nowhere"]
            ),
            // Agnost's word for a number that is taken.
            ("user_not_found", 404, ["phone": "+491700000042", "password": "correct horse"]),
            ("validation_error", 400, ["email": "new@example.test", "password": "short"]),
        ] as [(String, Int, [String: JSONValue])])
    func refused(code: String, status: Int, fields: [String: JSONValue]) async throws {
        try await AgnostStage.with { stage in
            stage.addMia()
            stage.fake.choices.confirmsEmail = true
            let error = await failure { try await stage.signUp(fields) }
            #expect(error == .upstreamRejected(reason: code, status: status))
            #expect(stage.snapshot.phase == .signedOut)
        }
    }
}
