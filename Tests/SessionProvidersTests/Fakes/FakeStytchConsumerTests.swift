import FakeServices
import SessionProtocol
import Testing

/// The fake's consumer project against the published behaviour.
@Suite struct FakeStytchConsumerTests {
    private let desk = StytchDesk()

    @Test("a session that was stepped up looks as the published sample does")
    func sample() async throws {
        let user = desk.fake.addUser(email: "ada@example.org", password: "correct horse")
        desk.fake.set(
            "phone_numbers", to: [["phone_id": "p", "phone_number": "+15005550006", "verified": true]], of: user)
        let token = await desk.signIn()
        let session = try #require(desk.fake.sessions.first)
        desk.fake.setCustomClaims(["plan": "pro"], of: session.id)
        let sent = await desk.sdk("otps/sms/login_or_create", ["phone_number": "+15005550006"])
        let method = try #require(sent.text("method_id"))
        let code = try #require(desk.fake.code(to: "+15005550006"))
        let stepped = await desk.sdk(
            "otps/authenticate",
            ["token": .string(code), "method_id": .string(method), "session_duration_minutes": 30],
            session: token)
        #expect(stepped.text("session.session_id") == session.id)
        let reply = await desk.sdk("sessions/authenticate", session: token)
        #expect(StytchDesk.differences(reply.json, from: StytchSamples.consumer) == [])
        #expect(reply.text("session.authentication_factors.1.phone_number_factor.phone_number") == "+15005550006")
        #expect(desk.fake.sessions.map(\.factors) == [["password", "otp"]])
    }

    @Test("without a duration authenticate validates and never extends; with one it counts from now")
    func extension_() async throws {
        desk.fake.addUser(email: "ada@example.org", password: "correct horse")
        let token = await desk.signIn(minutes: 60)
        desk.clock.pass(milliseconds: 180_104)
        let validated = await desk.sdk("sessions/authenticate", session: token)
        #expect(validated.text("session.expires_at") == "2026-01-05T11:00:00Z")
        #expect(validated.text("session.last_accessed_at") == "2026-01-05T10:03:00.104673Z")
        let extended = await desk.sdk("sessions/authenticate", ["session_duration_minutes": 5], session: token)
        #expect(extended.text("session.expires_at") == "2026-01-05T10:08:00.104673Z")
        #expect(extended.text("session_jwt") != validated.text("session_jwt"))
        #expect(extended.text("session_token") == token)
    }

    @Test(
        "a length outside of 5 to 527040 minutes is refused, on login and on extension",
        arguments: [(-1, 400), (4, 400), (5, 200), (527_040, 200), (527_041, 400)] as [(Int64, Int)])
    func durations(minutes: Int64, status: Int) async {
        desk.fake.addUser(email: "ada@example.org", password: "correct horse")
        let token = await desk.signIn()
        for reply in [
            await desk.sdk(
                "passwords/authenticate",
                [
                    "email": "ada@example.org", "password": "correct horse",
                    "session_duration_minutes": .integer(minutes),
                ]),
            await desk.sdk("sessions/authenticate", ["session_duration_minutes": .integer(minutes)], session: token),
        ] {
            #expect(reply.status == status)
            #expect(reply.errorType == (status == 200 ? nil : "invalid_session_duration_minutes"))
        }
    }

    @Test(
        "an expired and a revoked session give the chosen error",
        arguments: [("session_not_found", 404), ("unauthorized_credentials", 401), ("user_unauthenticated", 401)])
    func gone(type: String, status: Int) async throws {
        desk.fake.addUser(email: "ada@example.org", password: "correct horse")
        desk.fake.choices.whenExpired = type
        desk.fake.choices.whenRevoked = type
        let expiring = await desk.signIn(minutes: 5)
        let revoked = await desk.signIn(minutes: 60)
        #expect(await desk.sdk("sessions/revoke", nil, session: revoked).status == 200)
        desk.clock.pass(minutes: 5)
        for token in [expiring, revoked] {
            for reply in [
                await desk.sdk("sessions/authenticate", session: token),
                await desk.sdk("sessions/revoke", session: token),
                await desk.sdk("users/me", nil, session: token, verb: "GET"),
            ] {
                #expect(reply.status == status)
                #expect(reply.errorType == type)
                #expect(StytchDesk.differences(reply.json, from: StytchSamples.error) == [])
            }
        }
    }

    @Test("requests that no SDK sends are refused, and why is said")
    func gate() async {
        let strict = StytchDesk(appIdentifier: "dev.example.registered")
        let table: [(status: Int, type: String?, spoiling: (inout FakeRequest) -> Void)] = [
            (400, "bad_request", { $0.headers["content-type"] = "application/json; charset=utf-8" }),
            (400, "bad_request", { $0.headers["content-type"] = nil }),
            (400, "bad_request", { $0.headers["x-sdk-client"] = nil }),
            (400, "bad_request", { $0.headers["x-sdk-client"] = "e30=" }),
            (400, "bad_request", { $0.body = Array("{".utf8) }),
            (401, "unauthorized_credentials", { $0.headers["authorization"] = nil }),
            (400, "invalid_public_token_id", { $0.headers["authorization"] = StytchDesk.basic("secret", "secret") }),
            (
                404, "public_token_not_found",
                {
                    let token = "public-token-test-00000000-0000-4000-8000-000000000000"
                    $0.headers["authorization"] = StytchDesk.basic(token, token)
                }
            ),
            (404, "route_not_found", { $0.path = "/sdk/v1/sessions/check" }),
            (400, "bad_vertical_for_stytch_sdk", { $0.path = "/sdk/v1/b2b/sessions/authenticate" }),
            (400, nil, { $0.body = Array(#"{"session_token":"x"}"#.utf8) }),
        ]
        for row in table {
            let reply = await desk.sdk("sessions/authenticate", session: "x", spoiling: row.spoiling)
            #expect(reply.status == row.status)
            #expect(reply.errorType == row.type)
        }
        let stranger = await strict.sdk("sessions/authenticate", session: "x")
        #expect(stranger.status == 400)
        #expect(stranger.errorType == "bad_app_bundle_for_stytch_sdk")
    }

    @Test("wrong secrets of a login have their own errors and make no session")
    func wrongLogins() async throws {
        desk.fake.addUser(email: "ada@example.org", password: "correct horse", totp: true, recoveryCodes: ["r1"])
        let sent = await desk.sdk("otps/email/login_or_create", ["email": "ada@example.org"])
        let method = try #require(sent.data["method_id"])
        let table: [(path: String, body: JSONValue, status: Int, type: String)] = [
            (
                "passwords/authenticate",
                ["email": "ada@example.org", "password": "x", "session_duration_minutes": 5], 401,
                "unauthorized_credentials"
            ),
            (
                "passwords/authenticate",
                ["email": "bo@example.org", "password": "x", "session_duration_minutes": 5], 404, "email_not_found"
            ),
            (
                "otps/authenticate", ["token": "x", "method_id": method, "session_duration_minutes": 5], 401,
                "unable_to_auth_otp_code"
            ),
            (
                "magic_links/authenticate", ["token": "x", "session_duration_minutes": 5], 401,
                "unable_to_auth_magic_link"
            ),
            (
                "totps/authenticate", ["totp_code": "x", "session_duration_minutes": 5], 401,
                "unauthorized_credentials"
            ),
        ]
        for row in table {
            let reply = await desk.sdk(row.path, row.body)
            #expect(reply.status == row.status)
            #expect(reply.errorType == row.type)
        }
        #expect(desk.fake.sessions.isEmpty)
    }

    @Test("a code works once, for ten minutes, and only the newest one")
    func codes() async throws {
        desk.fake.addUser(email: "ada@example.org")
        let first = await desk.sdk("otps/email/login_or_create", ["email": "ada@example.org"])
        let method = try #require(first.data["method_id"])
        func finish(_ code: String) async -> Int {
            await desk.sdk(
                "otps/authenticate",
                ["token": .string(code), "method_id": method, "session_duration_minutes": 5]
            ).status
        }
        let old = try #require(desk.fake.code(to: "ada@example.org"))
        _ = await desk.sdk("otps/email/login_or_create", ["email": "ada@example.org"])
        let code = try #require(desk.fake.code(to: "ada@example.org"))
        #expect(await [finish(old), finish(code), finish(code)] == [401, 200, 401])
        _ = await desk.sdk("otps/email/login_or_create", ["email": "ada@example.org"])
        desk.clock.pass(minutes: 10)
        #expect(await finish(desk.fake.code(to: "ada@example.org") ?? "") == 401)
    }

    @Test("a magic link that was asked for with a challenge needs its verifier")
    func pkce() async throws {
        desk.fake.addUser(email: "ada@example.org")
        _ = await desk.sdk(
            "magic_links/email/login_or_create",
            ["email": "ada@example.org", "code_challenge": .string(StytchDesk.challenge("verifier"))])
        let token = try #require(desk.fake.link(to: "ada@example.org"))
        let table: [(verifier: JSONValue, status: Int)] = [
            (nil, 401), ("other", 401), ("verifier", 200), ("verifier", 401),
        ]
        for row in table {
            let reply = await desk.sdk(
                "magic_links/authenticate",
                ["token": .string(token), "code_verifier": row.verifier, "session_duration_minutes": 5])
            #expect(reply.status == row.status)
        }
    }

    @Test("second factors join the live session")
    func stepUp() async throws {
        let user = desk.fake.addUser(
            email: "ada@example.org", password: "correct horse", totp: true, recoveryCodes: ["r1"])
        let token = await desk.signIn()
        let code = try #require(desk.fake.totpCode(of: user))
        let totp = await desk.sdk(
            "totps/authenticate", ["totp_code": .string(code), "session_duration_minutes": 10], session: token)
        #expect(totp.text("session_token") == token)
        let recovered = await desk.sdk(
            "totps/recover", ["recovery_code": "r1", "session_duration_minutes": 10], session: token)
        #expect(recovered.text("session.authentication_factors.2.type") == "recovery_codes")
        #expect(desk.fake.sessions.map(\.factors) == [["password", "totp", "recovery_codes"]])
    }

    @Test("an address that is shown to be the user's ends the sessions made before")
    func resetSessions() async throws {
        desk.fake.addUser(email: "ada@example.org", password: "correct horse", isVerified: false)
        let old = await desk.signIn()
        let sent = await desk.sdk("otps/email/login_or_create", ["email": "ada@example.org"])
        let reply = await desk.sdk(
            "otps/authenticate",
            [
                "token": .string(desk.fake.code(to: "ada@example.org") ?? ""),
                "method_id": sent.data["method_id"] ?? nil,
                "session_duration_minutes": 5,
            ])
        #expect(reply.data["reset_sessions"] == true)
        #expect(await desk.sdk("sessions/authenticate", session: old).errorType == "session_not_found")
    }

    @Test(
        "a token is rotated where that is chosen, and the old one lives on only where that is too",
        arguments: [true, false])
    func rotation(keeping: Bool) async throws {
        desk.fake.addUser(email: "ada@example.org", password: "correct horse")
        desk.fake.choices.keepsRotatedTokens = keeping
        let token = await desk.signIn()
        desk.fake.rotateTokenOnNextAuthenticate(try #require(desk.fake.sessions.first).id)
        let rotated = try #require(await desk.sdk("sessions/authenticate", session: token).text("session_token"))
        #expect(rotated != token && rotated.count == 44)
        #expect(await desk.sdk("sessions/authenticate", session: rotated).text("session_token") == rotated)
        #expect(await desk.sdk("sessions/authenticate", session: token).status == (keeping ? 200 : 404))
    }

    @Test("users/me is the user itself, and a change of it is answered under user")
    func me() async throws {
        let user = desk.fake.addUser(email: "ada@example.org", password: "correct horse")
        let token = await desk.signIn()
        let me = await desk.sdk("users/me", nil, session: token, verb: "GET")
        #expect(me.text("user_id") == user)
        #expect(me.data["user"] == nil)
        let changed = await desk.sdk("users/me", ["name": ["first_name": "Ada"]], session: token, verb: "PUT")
        #expect(changed.text("user.name.first_name") == "Ada")
    }

    @Test("bootstrap needs no session and has no session length")
    func bootstrap() async {
        desk.fake.choices.rbacPolicy = ["roles": [], "resources": [], "scopes": []]
        let reply = await desk.sdk("projects/bootstrap/" + desk.fake.publicToken, nil, verb: "GET")
        #expect(reply.text("vertical") == "CONSUMER")
        #expect(reply.data["rbac_policy"] != nil)
        #expect(reply.data["captcha_settings"] == ["enabled": false, "siteKey": ""])
        #expect(reply.data.objectValue?.keys.contains { $0.contains("duration") } == false)
    }
}
