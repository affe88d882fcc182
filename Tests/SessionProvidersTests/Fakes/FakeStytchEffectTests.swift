import FakeServices
import SessionProtocol
import Testing

/// What a test can make this fake do, beside what it can make all of them do.
@Suite struct FakeStytchEffectTests {
    private let desk = StytchDesk()

    @Test("an effect of its own has its face, and one of all services finds the payload")
    func faces() async throws {
        desk.fake.addUser(email: "ada@example.org", password: "correct horse")
        let token = await desk.signIn()
        let table: [(effect: FakeEffect, holds: (FakeAnswer) -> Bool)] = [
            (.captchaRequired, { $0.status == 403 && $0.body == Array("Captcha required".utf8) }),
            (.tooManyRequests(retryAfter: "7"), { $0.status == 429 && $0.headers["retry-after"] == "7" }),
            (.tooManyRequests(retryAfter: nil), { $0.status == 429 && $0.headers["retry-after"] == nil }),
            (.error("internal_server_error"), { $0.status == 500 }),
            (.error("server_unavailable"), { $0.status == 503 }),
            (.error("brand_new", status: 418), { $0.status == 418 && $0.at("error_type") == "brand_new" }),
            (.error("session_not_found", details: ["request_id": nil]), { $0.at("request_id") == nil }),
            (.plainTextError("session_not_found"), { $0.headers["content-type"] == "text/plain" && $0.status == 404 }),
            (.schemaError(member: "x"), { $0.status == 400 && $0.at("body.0.keyword") == "required" }),
            (.oauthError("invalid_grant", status: 400), { $0.at("error") == "invalid_grant" }),
            (.withoutEnvelope, { $0.at("data") == nil && $0.at("session") != nil }),
            (.set("session.attributes", nil), { $0.at("data.session.attributes") == JSONValue.null }),
            (
                .set("session.authentication_factors.0.type", "brand_new"),
                { $0.at("data.session.authentication_factors.0.type") == "brand_new" }
            ),
            (.set("session.brand.new", 1), { $0.at("data.session.brand") == ["new": 1] }),
            (.remove("user.emails.0"), { $0.at("data.user.emails") == [] }),
            (.remove("session.roles"), { $0.at("data.session") != nil && $0.at("data.session.roles") == nil }),
            (.emptyTokens, { $0.at("data.session_token") == "" && $0.at("data.session_jwt") == "" }),
            (.padded(bytes: 2 << 20), { $0.at("data.padding")?.stringValue?.count == 2 << 20 }),
        ]
        for row in table {
            desk.fake.script(row.effect)
            let reply = await desk.sdk("sessions/authenticate", session: token)
            #expect(row.holds(reply.answer), "\(row.effect)")
        }
    }

    @Test("timestamps take any number of digits and stay the same to the millisecond", arguments: 0...9)
    func digits(count: Int) async throws {
        desk.fake.addUser(email: "ada@example.org", password: "correct horse")
        let token = await desk.signIn()
        desk.clock.pass(milliseconds: 53_370)
        desk.fake.script(.fractionDigits(count))
        let reply = await desk.sdk("sessions/authenticate", session: token)
        let text = try #require(reply.text("session.last_accessed_at"))
        let fraction = "370673870".prefix(count)
        #expect(text == "2026-01-05T10:00:53" + (count == 0 ? "" : "." + fraction) + "Z")
        #expect(reply.text("user.created_at")?.count == (count == 0 ? 20 : 21 + count))
    }

    @Test("a call is recorded with what its headers hide, and somebody can wait for it")
    func record() async throws {
        async let waited = desk.fake.calls(atLeast: 2, on: "sessions/authenticate")
        _ = await desk.sdk("sessions/authenticate", ["session_duration_minutes": 5], session: "some-token")
        _ = await desk.sdk("sessions/authenticate")
        let calls = await waited
        #expect(calls.map(\.sessionToken) == ["some-token", nil])
        #expect(calls.map(\.errorCode) == ["session_not_found", "unauthorized_credentials"])
        #expect(calls.first?.user == desk.fake.publicToken)
        #expect(calls.first?.body == ["session_duration_minutes": 5])
        #expect(calls.first?.client == StytchDesk.client)
    }

    @Test("instances share nothing")
    func apart() async {
        let other = StytchDesk()
        desk.fake.addUser(email: "ada@example.org", password: "correct horse")
        let token = await desk.signIn()
        #expect(await other.sdk("sessions/authenticate", session: token).status == 404)
        #expect(other.fake.sessions.isEmpty)
    }
}
