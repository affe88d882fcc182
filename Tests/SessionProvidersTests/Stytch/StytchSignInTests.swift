import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Signing in to Stytch", .timeLimit(.minutes(1)))
struct StytchSignInTests {
    @Test(
        "a password makes a new session, in nobody's name and for five minutes",
        arguments: StytchStage.Entrance.allCases)
    func password(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.init(entrance: entrance)) { stage in
            let user = stage.fake.addUser(email: "ada@example.org", password: "correct horse")
            let result = try await stage.signIn("password", ["email": "ada@example.org", "password": "correct horse"])
            #expect(result.outcome == .signedIn)
            let snapshot = result.publication.snapshot
            #expect(snapshot.phase == .active && snapshot.cause.kind == .signedIn)
            #expect(snapshot.expiresAt == stage.clock.now().wall + 300_000)
            let session = try #require(stage.fake.sessions.first)
            #expect(result.publication.session?.tokens.sessionToken == Secret(session.token))
            #expect(result.publication.session?.tokens.sessionJwt != nil)
            let now = stage.clock.now().wall
            #expect(snapshot.objects["user"] == stage.fake.object(user).map { .available($0, lastValidatedAt: now) })
            let call = try #require(stage.fake.calls(on: "passwords/authenticate").first)
            #expect(call.sessionToken == (entrance == .sdk ? nil : stage.fake.secret))
            #expect(call.body?["session_duration_minutes"] == 5)
        }
    }

    @Test("what a call carries: authorization, exact content type, the app, and no cookie")
    func headers() async throws {
        try await StytchStage.with { stage in
            stage.fake.always(.header("set-cookie", "stytch_session=canary; Path=/"))
            let session = try await stage.signInAda()
            await stage.validate()
            let call = try #require(stage.fake.calls(on: "sessions/authenticate").first)
            #expect(call.user == stage.fake.publicToken && call.password == session.token)
            #expect(call.headers["content-type"] == "application/json")
            #expect(call.headers["user-agent"]?.hasPrefix("sessiond/") == true)
            #expect(call.headers["cookie"] == nil)
            #expect(call.body == [:])
            #expect(call.client?["app"]?["identifier"] == "dev.example.app")
            #expect(call.client?["client_sent_at"] == "2025-11-21T18:33:51.000Z", "the stage's clock")
            for member in ["sdk", "os", "device"] { #expect(call.client?[member]?.objectValue != nil, "\(member)") }
        }
    }

    @Test(
        "a code by e-mail or by text message is a challenge, whose address is masked and whose wrong answer is no end",
        arguments: [("email", "ada@example.org", "a***@example.org"), ("phoneNumber", "+15005550006", "***06")],
        StytchStage.Entrance.allCases)
    func code(to address: (field: String, value: String, masked: String), entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.init(entrance: entrance)) { stage in
            let begun = try await stage.signIn("otp", [address.field: address.value])
            #expect(begun.outcome == .challenge && begun.publication.snapshot.phase == .challenged)
            let challenge = try #require(stage.snapshot.challenge)
            #expect(challenge.kind == "otp" && challenge.details["sentTo"] == .string(address.masked))
            #expect(challenge.expiresAt == stage.clock.now().wall + 600_000)

            let wrong = await failure { try await stage.answer(["code": "000000"]) }
            #expect(wrong == .upstreamRejected(reason: "unable_to_auth_otp_code", status: 401))
            #expect(stage.snapshot.challenge == challenge)

            try await stage.restarted { stage in
                #expect(stage.snapshot.challenge == challenge, "over a restart")
                let code = try #require(stage.fake.code(to: address.value))
                let done = try await stage.answer(["code": code], minutes: 60)
                #expect(done.outcome == .signedIn && done.publication.snapshot.challenge == nil)
                #expect(done.publication.snapshot.expiresAt == stage.clock.now().wall + 3_600_000)
            }
        }
    }

    @Test("the duration that a sign-in names holds for its later steps, over a restart, unless a step names its own")
    func duration() async throws {
        try await StytchStage.with { stage in
            try await stage.signIn("otp", ["email": "ada@example.org"], minutes: 60)
            let code = try #require(stage.fake.code(to: "ada@example.org"))
            try await stage.restarted { _ = try await $0.answer(["code": code]) }
            #expect(stage.fake.calls(on: "otps/authenticate").last?.body?["session_duration_minutes"] == 60)
        }
        try await StytchStage.with { stage in
            try await stage.signIn("otp", ["email": "ada@example.org"], minutes: 60)
            let code = try #require(stage.fake.code(to: "ada@example.org"))
            try await stage.answer(["code": code], minutes: 30)
            #expect(stage.fake.calls(on: "otps/authenticate").last?.body?["session_duration_minutes"] == 30)
        }
    }

    @Test("with the project's secret a session that was handed in can be given a factor before it is confirmed")
    func factorOfHandedIn() async throws {
        try await StytchStage.with(.init(entrance: .server)) { stage in
            let user = stage.fake.addUser(email: "ada@example.org", totp: true)
            let session = stage.fake.openSession(of: user)
            stage.fake.always(.drop, on: "sessions/authenticate")
            _ = try await stage.keeper.update(
                HandedInSession(sessionToken: try #require(Secret(session.token))), expect: nil)
            await stage.profile.until { $0.snapshot.heartbeat.failures > 0 }
            stage.fake.unscript()
            let code = try #require(stage.fake.totpCode(of: user))
            #expect(try await stage.signIn("totp", ["code": code]).outcome == .signedIn)
            #expect(
                stage.fake.sessions.count == 1
                    && stage.fake.calls(on: "totps/authenticate").first?.body?["user_id"] != nil)
        }
        try await StytchStage.with(.init(entrance: .server)) { stage in
            #expect(await failure { try await stage.signIn("totp", ["code": "1"]) } == .notSignedIn(.signedOut))
        }
    }

    @Test("under /v1 only the call that ends a step-up takes the session's token")
    func startsInNobodysName() async throws {
        try await StytchStage.with(.init(entrance: .server)) { stage in
            try await stage.signInAda()
            try await stage.signIn("otp", ["email": "ada@example.org"])
            try await stage.answer(["code": try #require(stage.fake.code(to: "ada@example.org"))])
            #expect(stage.fake.calls(on: "otps/email/login_or_create").first?.body?["session_token"] == nil)
            #expect(stage.fake.calls(on: "otps/authenticate").first?.body?["session_token"] != nil)
        }
    }

    @Test("a challenge that nobody answers ends by itself")
    func challengeEnds() async throws {
        try await StytchStage.with { stage in
            try await stage.signIn("otp", ["email": "ada@example.org"])
            let id = stage.snapshot.challenge?.id ?? ""
            stage.clock.advance(byMs: 600_000)
            await stage.profile.until { $0.snapshot.challenge == nil }
            let late = await failure {
                try await stage.keeper.answer(
                    challenge: id, fields: SignInFields(["code": "1"]), durationMinutes: nil, expect: nil)
            }
            #expect(late == .challengeNotFound)
        }
    }

    @Test(
        "a magic link is sent with a proof key, and only its verifier finishes it",
        arguments: StytchStage.Entrance.allCases)
    func magicLink(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.init(entrance: entrance)) { stage in
            try await stage.signIn("magicLink", ["email": "ada@example.org"])
            let challenge = try #require(stage.snapshot.challenge)
            #expect(challenge.kind == "magicLink" && challenge.details["sentTo"] == "a***@example.org")
            #expect(stage.fake.links.first?.challenge?.isEmpty == false)
            let wrong = await failure { try await stage.answer(["token": "other"]) }
            #expect(wrong != nil && stage.snapshot.challenge == challenge)
            let token = try #require(stage.fake.link(to: "ada@example.org"))
            #expect(try await stage.answer(["token": token]).outcome == .signedIn)
            let call = try #require(stage.fake.calls(on: "magic_links/authenticate").last)
            #expect(call.body?["code_verifier"]?.stringValue?.count == 64)
        }
    }

    @Test(
        "a factor that is shown while signed in joins the session that is held, and one more is no new session",
        arguments: ["otp", "magicLink", "totp", "recoveryCode"], StytchStage.Entrance.allCases)
    func stepUp(method: String, entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.init(entrance: entrance)) { stage in
            let user = stage.fake.addUser(
                email: "ada@example.org", password: "correct horse", totp: true, recoveryCodes: ["back-up-1"])
            try await stage.signIn("password", ["email": "ada@example.org", "password": "correct horse"], minutes: 60)
            let before = stage.snapshot
            switch method {
            case "otp":
                try await stage.signIn("otp", ["email": "ada@example.org"])
                #expect(stage.snapshot.phase == .active, "the challenge stands beside the session")
                try await stage.answer(["code": try #require(stage.fake.code(to: "ada@example.org"))], minutes: 60)
            case "magicLink":
                try await stage.signIn("magicLink", ["email": "ada@example.org"])
                try await stage.answer(["token": try #require(stage.fake.link(to: "ada@example.org"))], minutes: 60)
            case "totp":
                try await stage.signIn("totp", ["code": try #require(stage.fake.totpCode(of: user))], minutes: 60)
            default: try await stage.signIn("recoveryCode", ["code": "back-up-1"], minutes: 60)
            }
            #expect(stage.fake.sessions.count == 1 && stage.fake.sessions.first?.factors.count == 2)
            #expect(stage.snapshot.cause.kind == .updated && stage.snapshot.phase == .active)
            #expect(stage.snapshot.revision > before.revision && stage.snapshot.challenge == nil)
        }
    }

    @Test("a password while signed in makes a session of its own and leaves the old one alive")
    func secondPassword() async throws {
        try await StytchStage.with { stage in
            let old = try await stage.signInAda()
            try await stage.signIn("password", ["email": "ada@example.org", "password": "correct horse"])
            #expect(stage.fake.sessions.count == 2)
            #expect(stage.snapshot.cause.kind == .signedIn)
            #expect(stage.keeper.publication.session?.tokens.sessionToken != Secret(old.token))
        }
    }

    @Test("signing up makes the account and signs in", arguments: StytchStage.Entrance.allCases)
    func signUp(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.init(entrance: entrance)) { stage in
            let result = try await stage.keeper.signUp(
                method: "password", fields: SignInFields(["email": "bo@example.org", "password": "correct horse"]),
                durationMinutes: 30, expect: nil)
            #expect(result.outcome == .signedIn)
            #expect(result.publication.snapshot.expiresAt == stage.clock.now().wall + 1_800_000)
        }
    }

    @Test("a connected app's access token becomes a session", arguments: StytchStage.Entrance.allCases)
    func accessToken(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.init(entrance: entrance)) { stage in
            let user = stage.fake.addUser(email: "ada@example.org")
            let grant = try #require(Secret(stage.fake.addGrant(.accessToken(clientID: "client-1"), for: user)))
            let result = try await stage.keeper.exchange(accessToken: grant, durationMinutes: 60, expect: nil)
            #expect(result.outcome == .signedIn && stage.fake.sessions.first?.ownerID == user)
            let again = await failure {
                try await stage.keeper.exchange(
                    accessToken: try #require(Secret("none")), durationMinutes: nil, expect: nil)
            }
            guard case .upstreamRejected? = again else {
                Issue.record("\(String(describing: again))")
                return
            }
            #expect(stage.snapshot.phase == .active)
        }
    }

    @Test(
        "fields that do not fit are named, and nothing is sent",
        arguments: [
            ([:], "email"), (["email": "a@b.c", "phoneNumber": "+1"], "phoneNumber"), (["email": ""], "email"),
        ] as [([String: String], String)])
    func fields(fields: [String: String], path: String) async throws {
        try await StytchStage.with { stage in
            let error = await failure { try await stage.signIn("otp", fields) }
            guard case .invalidField(path, _)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(stage.server.requests.isEmpty)
        }
    }

    @Test(
        "a project that wants a captcha refuses, in plain text or by type, and says so",
        arguments: [
            FakeStytchChoices.Captcha.plainText, .error,
        ])
    func captcha(captcha: FakeStytchChoices.Captcha) async throws {
        try await StytchStage.with { stage in
            stage.fake.addUser(email: "ada@example.org", password: "correct horse")
            stage.fake.choices.captcha = captcha
            let error = await failure {
                try await stage.signIn("password", ["email": "ada@example.org", "password": "correct horse"])
            }
            #expect(error == .upstreamRejected(reason: "captcha_required", status: 403))
        }
    }

    @Test(
        "a factor for a session that has died meanwhile is refused, or makes a new session", arguments: [true, false])
    func stepUpOfDeadSession(isRefused: Bool) async throws {
        try await StytchStage.with { stage in
            stage.fake.choices.refusesDeadTokenAtLogin = isRefused
            let session = try await stage.signInAda()
            try await stage.signIn("otp", ["email": "ada@example.org"])
            stage.fake.revoke(sessionID: session.id)
            let code = try #require(stage.fake.code(to: "ada@example.org"))
            let error = await failure { try await stage.answer(["code": code]) }
            if isRefused {
                #expect(error == .upstreamRejected(reason: "session_not_found", status: 404))
                #expect(stage.snapshot.challenge != nil)
                #expect(await stage.validate().phase == .challenged, "the challenge outlives the session")
                #expect(stage.keeper.publication.session == nil)
            } else {
                #expect(error == nil && stage.snapshot.cause.kind == .signedIn && stage.snapshot.phase == .active)
            }
        }
    }

    @Test(
        "a refused sign-in says why and leaves what was there",
        arguments: [
            (FakeEffect.none, KeeperError.upstreamRejected(reason: "unauthorized_credentials", status: 401)),
            (.captchaRequired, .upstreamRejected(reason: "captcha_required", status: 403)),
            (.error("bad_app_bundle_for_stytch_sdk"), .misconfigured(reason: "bad_app_bundle_for_stytch_sdk")),
            (.error("endpoint_not_authorized_for_sdk"), .misconfigured(reason: "endpoint_not_authorized_for_sdk")),
            (.schemaError(member: "email"), .upstreamRejected(reason: "invalid_request", status: 400)),
            (.oauthError("invalid_grant", status: 400), .upstreamRejected(reason: "invalid_grant", status: 400)),
            (
                .error("a_type_of_next_month", status: 402),
                .upstreamRejected(reason: "a_type_of_next_month", status: 402)
            ),
        ])
    func refused(effect: FakeEffect, error: KeeperError) async throws {
        try await StytchStage.with { stage in
            try await stage.signInAda()
            let before = stage.snapshot
            stage.fake.script(effect, on: "passwords/authenticate")
            let refused = await failure {
                try await stage.signIn("password", ["email": "ada@example.org", "password": "wrong"])
            }
            #expect(refused == error)
            #expect(stage.snapshot == before)
        }
    }
}
