import FakeServices
import JWTKit
import SessionProtocol
import Testing

/// The fake's server mode, and its keys read by an independent library.
@Suite struct FakeStytchServerTests {
    private let desk = StytchDesk()

    private struct Claims: JWTPayload {
        var sub: SubjectClaim
        var aud: AudienceClaim
        var iss: IssuerClaim

        func verify(using algorithm: some JWTAlgorithm) throws {}
    }

    @Test("a server names exactly one session, and gets its payload without an envelope")
    func arguments() async throws {
        let user = desk.fake.addUser(email: "ada@example.org", password: "correct horse")
        let token = await desk.signIn()
        let session = try #require(desk.fake.sessions.first)
        let jwt = JSONValue(desk.fake.sessionJWT(session.id))
        desk.clock.pass(minutes: 30)
        let table: [(body: JSONValue, status: Int, type: String?)] = [
            ([:], 400, "no_session_arguments"),
            (["session_token": .string(token), "session_jwt": jwt], 400, "too_many_session_arguments"),
            (["session_token": .string(token)], 200, nil),
            (["session_jwt": jwt], 200, nil),
            (["session_jwt": "a.b.c"], 400, "unable_to_parse_session_jwt"),
            (["session_token": "unknown"], 404, "session_not_found"),
        ]
        for row in table {
            let reply = await desk.server("sessions/authenticate", row.body)
            #expect(reply.status == row.status)
            #expect(reply.errorType == row.type)
            if row.status == 200 { #expect(reply.text("session.user_id") == user) }
        }
        let listed = await desk.server("sessions", nil, query: ["user_id": user], verb: "GET")
        #expect(listed.text("sessions.0.session_id") == session.id)
        #expect(await desk.server("users/" + user, nil, verb: "GET").text("emails.0.email") == "ada@example.org")
        #expect(await desk.server("sessions/revoke", ["session_id": .string(session.id)]).status == 200)
        #expect(desk.fake.sessions.isEmpty)
    }

    @Test(
        "a wrong secret gives the chosen error",
        arguments: ["unauthorized_credentials", "invalid_secret_authentication"])
    func wrongSecret(type: String) async {
        desk.fake.choices.whenWrongSecret = type
        let reply = await desk.server("sessions/authenticate", ["session_token": "x"], secret: "wrong")
        #expect(reply.status == 401)
        #expect(reply.errorType == type)
    }

    @Test("a server's login makes a session only where it says for how long")
    func durations() async throws {
        desk.fake.addUser(email: "ada@example.org", password: "correct horse")
        var body: [String: JSONValue] = ["email": "ada@example.org", "password": "correct horse"]
        let without = await desk.server("passwords/authenticate", .object(body))
        #expect(without.json["session"] == JSONValue.null)
        #expect(without.text("session_token") == "")
        body["session_duration_minutes"] = 5
        #expect(await desk.server("passwords/authenticate", .object(body)).text("session_token")?.count == 44)
        let sent = await desk.server("otps/email/login_or_create", ["email": "ada@example.org"])
        let finished = await desk.server(
            "otps/authenticate",
            [
                "code": JSONValue(desk.fake.code(to: "ada@example.org")), "method_id": sent.json["email_id"] ?? nil,
                "session_duration_minutes": 5,
            ])
        #expect(finished.text("session.authentication_factors.0.type") == "otp")
    }

    @Test("the key set needs no authorization and verifies what the service signs, before and after a rotation")
    func keySet() async throws {
        let user = desk.fake.addUser(email: "ada@example.org", password: "correct horse")
        let token = await desk.signIn()
        var jwts: [String] = []
        for _ in 0..<3 {
            jwts.append(try #require(await desk.sdk("sessions/authenticate", session: token).text("session_jwt")))
            desk.fake.rotateSigningKey()
        }
        let answer = await desk.fake.answer(
            FakeRequest(verb: "GET", path: "/v1/sessions/jwks/" + desk.fake.projectID))
        let keys = try #require(answer.json?["keys"]?.arrayValue)
        #expect(keys.count == 4)
        let collection = JWTKeyCollection()
        try await collection.add(jwksJSON: String(decoding: answer.body, as: UTF8.self))
        for (index, jwt) in jwts.enumerated() {
            let claims = try await collection.verify(jwt, as: Claims.self)
            #expect(claims.sub.value == user)
            #expect(claims.aud.value == [desk.fake.projectID])
            #expect(jwtPart(jwt, 0)?["kid"] == keys[index]["kid"])
        }
        desk.fake.retireOldKeys()
        let after = await desk.fake.answer(FakeRequest(verb: "GET", path: "/v1/sessions/jwks/" + desk.fake.projectID))
        #expect(after.json?["keys"]?.arrayValue?.count == 1)
    }

    @Test("an authorization check goes by the session's roles", arguments: [("read", 200), ("write", 403)])
    func authorization(action: String, status: Int) async throws {
        desk.fake.addUser(email: "ada@example.org", password: "correct horse")
        desk.fake.choices.rbacPolicy = [
            "roles": [
                ["role_id": "stytch_user", "permissions": [["resource_id": "document", "actions": ["read"]]]]
            ], "resources": [], "scopes": [],
        ]
        let token = await desk.signIn()
        let reply = await desk.server(
            "sessions/authenticate",
            [
                "session_token": .string(token),
                "authorization_check": ["resource_id": "document", "action": .string(action)],
            ])
        #expect(reply.status == status)
        #expect(reply.json["verdict"]?["granting_roles"] == (status == 200 ? ["stytch_user"] : nil))
    }

    @Test(
        "codes of the authenticator app are those of RFC 6238, appendix B",
        arguments: [
            (59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130"),
        ] as [(Int64, String)])
    func totp(seconds: Int64, code: String) {
        #expect(FakeStytch.totpCode(secret: Array("12345678901234567890".utf8), at: seconds * 1000) == code)
    }
}
