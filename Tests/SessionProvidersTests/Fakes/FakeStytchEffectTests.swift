import FakeServices
import SessionProtocol
import Testing

/// What a test can make the fake do.
@Suite struct FakeStytchEffectTests {
    private let desk = StytchDesk()

    @Test("an effect changes one answer on its path and no other")
    func once() async {
        desk.fake.addUser(email: "ada@example.org", password: "correct horse")
        let token = await desk.signIn()
        desk.fake.script(.error("too_many_requests"), .none, .html(status: 503), on: "sessions/authenticate")
        #expect(await desk.sdk("users/me", nil, session: token, verb: "GET").status == 200)
        var statuses: [Int] = []
        for _ in 0..<4 { statuses.append(await desk.sdk("sessions/authenticate", session: token).status) }
        #expect(statuses == [429, 200, 503, 200])
    }

    @Test("an effect instead of an answer leaves the world alone, one over an answer does not")
    func worlds() async {
        desk.fake.addUser(email: "ada@example.org", password: "correct horse")
        let token = await desk.signIn()
        desk.fake.script(.drop, .lost, on: "sessions/revoke")
        #expect(await desk.sdk("sessions/revoke", session: token).answer.manner == .drop)
        #expect(desk.fake.sessions.count == 1)
        #expect(await desk.sdk("sessions/revoke", session: token).answer.manner == .drop)
        #expect(desk.fake.sessions.isEmpty)
    }

    @Test("each effect has its face")
    func faces() async throws {
        desk.fake.addUser(email: "ada@example.org", password: "correct horse")
        let token = await desk.signIn()
        let table: [(effect: FakeEffect, holds: (FakeAnswer) -> Bool)] = [
            (.hang, { $0.manner == .hang }),
            (.held, { $0.manner == .held && $0.json?["data"] != nil }),
            (.truncated(after: 9), { $0.manner == .truncated(after: 9) && $0.body.count > 9 }),
            (.captchaRequired, { $0.status == 403 && $0.body == Array("Captcha required".utf8) }),
            (.tooManyRequests(retryAfter: "7"), { $0.status == 429 && $0.headers["retry-after"] == "7" }),
            (.tooManyRequests(retryAfter: nil), { $0.status == 429 && $0.headers["retry-after"] == nil }),
            (.error("internal_server_error"), { $0.status == 500 }),
            (.error("server_unavailable"), { $0.status == 503 }),
            (.error("brand_new", status: 418), { $0.status == 418 && $0.json?["error_type"] == "brand_new" }),
            (.error("session_not_found", details: ["request_id": nil]), { $0.json?["request_id"] == nil }),
            (.plainTextError("session_not_found"), { $0.headers["content-type"] == "text/plain" && $0.status == 404 }),
            (.schemaError(member: "x"), { $0.json?["body"]?.arrayValue?.first?["keyword"] == "required" }),
            (.oauthError("invalid_grant", status: 400), { $0.json?["error"] == "invalid_grant" }),
            (.empty(status: 200), { $0.status == 200 && $0.body.isEmpty }),
            (.text("[", type: "application/json", status: 200), { $0.json == nil }),
            (.redirect(to: "https://portal.example"), { $0.status == 302 && $0.headers["location"] != nil }),
            (.withoutEnvelope, { $0.json?["data"] == nil && $0.json?["session"] != nil }),
            (
                .set("session.attributes", nil),
                { StytchDesk.find("data.session.attributes", in: $0.json ?? nil) == JSONValue.null }
            ),
            (
                .set("session.authentication_factors.0.type", "brand_new"),
                {
                    let path = "data.session.authentication_factors.0.type"
                    return StytchDesk.find(path, in: $0.json ?? nil) == "brand_new"
                }
            ),
            (.set("session.brand.new", 1), { $0.json?["data"]?["session"]?["brand"] == ["new": 1] }),
            (.remove("user.emails.0"), { $0.json?["data"]?["user"]?["emails"] == [] }),
            (.remove("session.roles"), { StytchDesk.find("data.session.roles", in: $0.json ?? nil) == nil }),
            (
                .emptyTokens,
                { $0.json?["data"]?["session_token"] == "" && $0.json?["data"]?["session_jwt"] == "" }
            ),
            (.padded(bytes: 2 << 20), { $0.body.count > 2 << 20 }),
            (.all([.remove("user"), .held]), { $0.manner == .held && $0.json?["data"]?["user"] == nil }),
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
