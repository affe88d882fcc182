import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Signing in to Agnost", .timeLimit(.minutes(1)))
struct AgnostSignInTests {
    private static let phone = "+491700000042"

    @Test("an e-mail address or a phone number and a password sign in", arguments: ["email", "phone"])
    func password(name: String) async throws {
        try await AgnostStage.with { stage in
            let id = stage.addMia()
            let address = name == "email" ? "mia@example.test" : Self.phone
            let result = try await stage.signIn([name: address, "password": "correct horse"])
            #expect(result.outcome == .signedIn)
            #expect(stage.asked == ["POST auth/signin-\(name)"])
            #expect(stage.fake.calls().last?.body == [name: .string(address), "password": "correct horse"])
            #expect(stage.snapshot.phase == .active && stage.snapshot.expiresAt == nil)
            let user = try #require(stage.snapshot.objects["user"]?.value)
            #expect(user["_id"] == .string(id) && user["team"] == "blue")
            let session = try #require(stage.snapshot.objects["session"]?.value)
            #expect(session["userId"] == .string(id) && session["token"] == nil)
            #expect(stage.fake.tokens() == Set([stage.token].compactMap { $0 }))
            #expect(stage.vault.record(of: "p")?.session != nil)
        }
    }

    @Test("headers are the official client's, with the key as it is and no cookie")
    func headers() async throws {
        try await AgnostStage.with { stage in
            let id = try await stage.signInMia()
            await stage.validate()
            _ = try await stage.keeper.exchange(
                accessToken: try #require(Secret(stage.fake.addGrant(for: id))), durationMinutes: nil, expect: nil)
            _ = try await stage.revoke(.current)
            let requests = stage.server.requests
            #expect(requests.count == 4)
            for request in requests {
                #expect(request.headers["cookie"] == nil)
                #expect(request.headers["x-client"] == "agnost-js")
                #expect(request.headers["user-agent"]?.hasPrefix("sessiond/") == true)
                #expect(request.headers["content-type"] == (request.body.isEmpty ? nil : "application/json"))
                #expect(request.headers["authorization"] == stage.fake.apiKey)
                let carriesToken = request.path.hasSuffix("user") || request.path.hasSuffix("signout")
                #expect((request.headers["session"] != nil) == carriesToken)
            }
        }
    }

    @Test("a code by SMS is a challenge; wrong codes leave it open, over a restart too, and the right one signs in")
    func code() async throws {
        try await AgnostStage.with { stage in
            stage.addMia()
            #expect(try await stage.signIn(["phone": Self.phone], method: "code").outcome == .challenge)
            #expect(stage.fake.calls().last?.query == ["phone": Self.phone], "the plus sign arrives")
            let challenge = try #require(stage.snapshot.challenge)
            #expect(challenge.kind == "otp" && challenge.details == ["sentTo": "***42"])
            #expect(challenge.expiresAt == nil)
            #expect(stage.snapshot.phase == .challenged)
            let wrong = KeeperError.upstreamRejected(reason: "invalid_access_token", status: 403)
            await expectFailure(wrong) { try await stage.answer(code: "000000") }
            #expect(stage.snapshot.challenge == challenge)
            try await stage.restarted { stage in
                #expect(stage.snapshot.challenge == challenge)
                // What was typed cannot become another part of the request.
                await expectFailure(wrong) { try await stage.answer(code: "1&phone=%2B1") }
                let code = try #require(stage.fake.code(to: Self.phone))
                #expect(try await stage.answer(code: code).outcome == .signedIn)
                #expect(stage.snapshot.phase == .active && stage.snapshot.challenge == nil)
                #expect(stage.fake.calls(on: "auth/signin-code").allSatisfy { $0.query["phone"] == Self.phone })
                #expect(stage.fake.calls(on: "auth/signin-code").allSatisfy { $0.body == nil })
            }
        }
    }

    @Test("a challenge has no end that Agnost tells, and a session that was held before stays")
    func lateCode() async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            let token = stage.token
            try await stage.signIn(["phone": Self.phone], method: "code")
            #expect(stage.snapshot.phase == .active && stage.snapshot.challenge != nil)
            stage.clock.advance(byMs: 86_400_000)
            let error = await failure { try await stage.answer(code: "123456") }
            #expect(error == .upstreamRejected(reason: "invalid_access_token", status: 403))
            #expect(stage.token == token && stage.snapshot.challenge != nil)
        }
    }

    @Test(
        "a missing or a second address is named before anything is sent",
        arguments: [
            (["password": "x"], "email"), (["password": "x", "email": ""], "email"),
            (["password": "x", "email": "", "phone": ""], "email"),
            (["password": "x", "email": "a@b.test", "phone": "+4917"], "phone"),
        ] as [([String: String], String)])
    func addresses(fields: [String: String], path: String) async throws {
        try await AgnostStage.with { stage in
            let calls: [() async throws -> SignInResult] = [
                { try await stage.signIn(fields) },
                { try await stage.signUp(fields.mapValues(JSONValue.string)) },
            ]
            for call in calls {
                guard case .invalidField(path, _)? = await failure(of: call) else {
                    Issue.record("\(fields)")
                    continue
                }
            }
            #expect(stage.fake.calls().isEmpty)
        }
    }

    /// A refusal as the service gives it, and what brings it about.
    static let refusals: [(String, Int, method: String, [String: String])] = [
        ("invalid_sign_in_credentials", 401, "password", ["email": "mia@example.test", "password": "wrong"]),
        ("invalid_sign_in_credentials", 401, "password", ["email": "who@example.test", "password": "wrong"]),
        ("invalid_provider_sign_in", 401, "password", ["email": "social@example.test", "password": "any"]),
        ("email_not_verified", 401, "password", ["email": "new@example.test", "password": "correct horse"]),
        ("user_not_found", 404, "password", ["phone": "+491709999999", "password": "correct horse"]),
        ("invalid_credentials", 401, "password", ["phone": "+491700000042", "password": "wrong"]),
        ("phone_not_verified", 401, "password", ["phone": "+491700000043", "password": "correct horse"]),
        ("validation_error", 400, "password", ["phone": "12", "password": "x"]),
        ("validation_error", 400, "password", ["email": "no address", "password": "x"]),
        ("user_not_found", 404, "code", ["phone": "+491709999999"]),
        ("validation_error", 400, "code", ["phone": "12"]),
    ]

    @Test("a refusal says what Agnost calls it, and changes nothing", arguments: refusals)
    func refused(code: String, status: Int, method: String, fields: [String: String]) async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            stage.fake.addUser(email: "social@example.test", fields: ["provider": "google"])
            stage.fake.addUser(email: "new@example.test", password: "correct horse", isVerified: false)
            stage.fake.addUser(phone: "+491700000043", password: "correct horse", isVerified: false)
            stage.fake.choices.confirmsEmail = true
            stage.fake.choices.confirmsPhone = true
            let before = stage.snapshot
            let error = await failure { try await stage.signIn(fields, method: method) }
            #expect(error == .upstreamRejected(reason: code, status: status))
            #expect(stage.snapshot == before)
        }
    }

    @Test(
        "what keeps a sign-in from being answered, and what an administrator must mend, is told apart",
        arguments: [
            (.error("invalid_api_key"), .misconfigured(reason: "invalid_api_key")),
            (.error("expired_api_key"), .misconfigured(reason: "expired_api_key")),
            (.error("missing_auth_user_data_model"), .misconfigured(reason: "missing_auth_user_data_model")),
            (.error("resource_not_found"), .misconfigured(reason: "resource_not_found")),
            (.error("not_allowed"), .upstreamRejected(reason: "not_allowed", status: 401)),
            // A sign-in carries no session: whatever this means, it is not about the one that is held.
            (
                .error("invalid_session_token"),
                .upstreamRejected(reason: "invalid_session_token", status: 401)
            ),
            (.error("api_server_not_ready"), nil), (.error("rate_limit_exceeded"), nil), (.drop, nil),
            (.error("internal_server_error"), nil), (.html(status: 502), nil), (.html(status: 200), nil),
            (.empty(status: 200), nil), (.json([:], status: 200), nil), (.set("session", nil), nil),
            (.set("session", []), nil), (.remove("session.token"), nil), (.set("session.token", ""), nil),
        ] as [(FakeEffect, KeeperError?)])
    func unanswered(effect: FakeEffect, expected: KeeperError?) async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            let before = stage.snapshot
            stage.fake.always(effect, on: "auth/signin-email")
            switch (await failure { try await stage.signIn() }, expected) {
            case (.upstreamUnavailable, nil): break
            case (let error, let expected): #expect(error == expected)
            }
            #expect(stage.snapshot == before)
        }
    }

    @Test("an API key that cannot be had is told, and used as soon as it is there")
    func missingKey() async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            let key = stage.keyFile.content
            stage.keyFile.content = nil
            #expect(await stage.validate().heartbeat.lastError?.kind == "misconfigured")
            #expect(stage.fake.calls().isEmpty)
            stage.keyFile.content = key
            #expect(await stage.validate().phase == .active)
        }
    }

    @Test("a new sign-in replaces the session whole, and the old one lives on at Agnost")
    func replaced() async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            let old = try #require(stage.token)
            stage.fake.addUser(email: "kari@example.test", password: "correct horse", fields: ["team": "red"])
            try await stage.signIn(["email": "kari@example.test", "password": "correct horse"])
            #expect(stage.token != old && stage.fake.tokens().contains(old))
            #expect(stage.snapshot.objects["user"]?.value?["team"] == "red")
            #expect(stage.fake.calls(on: "auth/signin-email").allSatisfy { $0.headers["session"] == nil })
        }
    }

    @Test("a grant signs in once; the second time, a false one and one for something else are refused")
    func grants() async throws {
        try await AgnostStage.with { stage in
            let id = stage.addMia()
            func exchange(_ grant: String) async throws -> SignInResult {
                try await stage.keeper.exchange(
                    accessToken: try #require(Secret(grant)), durationMinutes: nil, expect: nil)
            }
            let grant = stage.fake.addGrant(.magicLink, for: id)
            let result = try await exchange(grant)
            #expect(result.outcome == .signedIn)
            #expect(stage.fake.calls().last?.query == ["key": grant])
            #expect(stage.snapshot.objects["user"]?.value?["name"] == "Mia")
            let before = stage.snapshot
            let invalid = KeeperError.upstreamRejected(reason: "invalid_access_token", status: 403)
            await expectFailure(invalid) { try await exchange(grant) }
            await expectFailure(invalid) { try await exchange("at-1&key=\(grant)#") }
            let reset = stage.fake.addGrant(.resetPassword, for: id)
            await expectFailure(.upstreamRejected(reason: "invalid_token_type", status: 401)) {
                try await exchange(reset)
            }
            #expect(stage.snapshot == before)
        }
    }

    @Test("a server without a prefix is asked without one")
    func noPrefix() async throws {
        try await AgnostStage.with(.init(prefix: "")) { stage in
            try await stage.signInMia()
            #expect(await stage.validate().phase == .active)
            #expect(stage.fake.calls().last?.path == stage.fake.basePath + "/auth/user")
        }
    }
}
