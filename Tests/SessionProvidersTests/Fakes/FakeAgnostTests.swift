import FakeServices
import SessionProtocol
import Testing

/// The fake against what is known of the service: its gate, its sign-ins, its errors.
@Suite struct FakeAgnostTests {
    private let desk = AgnostDesk()

    @Test("a sign-in answers with user, session and cookie, and never with the hash")
    func signIn() async throws {
        let id = desk.fake.addUser(
            email: "mia@example.test", password: "correct horse", name: "Mia", fields: ["team": "blue"])
        let answer = await desk.ask(
            "POST auth/signin-email", ["email": "mia@example.test", "password": "correct horse"])
        #expect(answer.status == 200)
        #expect(answer.text("user._id") == id && id.count == 24)
        #expect(answer.at("user.team") == "blue")
        #expect(answer.text("user.provider") == "agnost")
        #expect(answer.text("user.lastLoginAt") == "2026-01-05T10:00:00.123Z")
        #expect(answer.at("user.password") == nil)
        #expect(answer.text("session.userId") == id)
        #expect(answer.text("session.creationDtm") == "2026-01-05T10:00:00.123Z")
        #expect(answer.text("session.userAgent.ua") == "sessiond/0.1")
        let token = try #require(answer.text("session.token"))
        #expect(jwtPart(token, 0)?["alg"] == "HS256")
        let claims = try #require(jwtPart(token, 1)?.objectValue)
        #expect(Set(claims.keys) == ["envId", "userId", "key", "iat"])
        #expect(claims["key"]?.stringValue?.hasPrefix("sn-") == true)
        #expect(answer.headers["set-cookie"]?.hasPrefix("session_token=\(token); Max-Age=31536000") == true)
        #expect(answer.headers["etag"] == nil)
    }

    @Test("the first thing wrong in the server's order names the error")
    func order() async {
        let spoilings: [(FakeAgnost) -> Void] = [
            { $0.choices.userModelProblem = "missing_auth_user_data_model" },
            { _ in },
            { $0.choices.apiKeyProblem = "expired_api_key" },
            { $0.choices.serverProblem = "api_server_not_ready" },
            { $0.choices.isRateLimited = true },
        ]
        desk.fake.addUser(email: "mia@example.test", password: "correct horse")
        var token = await desk.signIn()
        var seen: [String] = [await desk.check(token)]
        for (index, spoil) in spoilings.enumerated() {
            spoil(desk.fake)
            if index == 1 { token = "garbage" }
            seen.append(await desk.check(token))
        }
        #expect(
            seen == [
                "200 ", "400 missing_auth_user_data_model", "401 invalid_session_token", "403 expired_api_key",
                "403 api_server_not_ready", "429 rate_limit_exceeded",
            ])
    }

    @Test(
        "a request that is spoiled is refused with its own code",
        arguments: [
            ("missing_api_key", 401), ("invalid_api_key", 401), ("bearer", 401), ("missing_session_token", 401),
            ("resource_not_found", 404), ("unsupported_content_type", 415), ("invalid_request_body", 400),
        ])
    func spoiled(code: String, status: Int) async {
        desk.fake.addUser(email: "mia@example.test", password: "correct horse")
        let token = await desk.signIn()
        let answer = await desk.ask("POST auth/signout", [:], session: token) { request in
            switch code {
            case "missing_api_key": request.headers["authorization"] = nil
            case "invalid_api_key": request.headers["authorization"] = "ak-other"
            case "bearer": request.headers["authorization"] = "Bearer " + desk.fake.apiKey
            case "missing_session_token": request.headers["session"] = nil
            case "resource_not_found": request.path = "/other" + request.path
            case "unsupported_content_type": request.headers["content-type"] = "text/plain"
            default: request.body = Array("{".utf8)
            }
        }
        #expect(answer.status == status)
        #expect(answer.text("errors.0.code") == (code == "bearer" ? "invalid_api_key" : code))
        #expect(answer.text("errors.0.origin") == "client_error")
        #expect(desk.fake.tokens() == [token])
    }

    @Test("the cookie counts only where there is no header, and the key may stand in the query")
    func fallbacks() async {
        desk.fake.addUser(email: "mia@example.test", password: "correct horse")
        let token = await desk.signIn()
        let cookied = await desk.ask("GET auth/user") { $0.headers["cookie"] = "a=b; session_token=\(token)" }
        #expect(cookied.status == 200)
        let both = await desk.ask("GET auth/user", session: "garbage") {
            $0.headers["cookie"] = "session_token=\(token)"
        }
        #expect(both.status == 401)
        let keyed = await desk.ask("GET auth/user", query: ["apikey": desk.fake.apiKey], session: token) {
            $0.headers["authorization"] = nil
        }
        #expect(keyed.status == 200)
    }

    @Test("the prefix is the one of the version", arguments: ["/agnost", ""])
    func prefixes(prefix: String) async {
        let desk = AgnostDesk(prefix: prefix)
        desk.fake.addUser(email: "mia@example.test", password: "correct horse")
        let token = await desk.signIn()
        #expect(await desk.check(token) == "200 ")
        let other = prefix.isEmpty ? "/agnost" : ""
        let answer = await desk.ask("GET auth/user", session: token) {
            $0.path = desk.fake.basePath + other + "/auth/user"
        }
        #expect(answer.text("errors.0.code") == "resource_not_found")
        #expect(await desk.ask("GET ping") { $0.headers = [:] }.status == 200)
    }

    /// What is wrong, how the call says it.
    static let refusals: [(call: String, body: JSONValue, status: Int, code: String)] = [
        ("signin-email", ["email": "mia@example.test", "password": "wrong"], 401, "invalid_sign_in_credentials"),
        ("signin-email", ["email": "no@example.test", "password": "wrong"], 401, "invalid_sign_in_credentials"),
        ("signin-email", ["email": "goo@example.test", "password": "x"], 401, "invalid_provider_sign_in"),
        ("signin-email", ["email": "new@example.test", "password": "correct horse"], 401, "email_not_verified"),
        ("signin-phone", ["phone": "+4790000001", "password": "wrong"], 401, "invalid_credentials"),
        ("signin-phone", ["phone": "+4790000009", "password": "wrong"], 404, "user_not_found"),
        ("signup-email", ["email": "mia@example.test", "password": "secret1"], 400, "email_not_unique"),
        ("signup-email", ["email": "x@example.test", "password": "secret1"], 400, "redirect_url_missing"),
        (
            "signup-email", ["email": "x@example.test", "password": "secret1", "redirectURL": "x"], 400,
            "invalid_redirect_url"
        ),
        ("signup-phone", ["phone": "+4790000001", "password": "secret1"], 404, "user_not_found"),
    ]

    @Test("sign-ins and sign-ups fail with the published codes", arguments: refusals)
    func refused(call: String, body: JSONValue, status: Int, code: String) async {
        desk.fake.choices.confirmsEmail = true
        desk.fake.addUser(email: "mia@example.test", phone: "+4790000001", password: "correct horse")
        desk.fake.addUser(email: "goo@example.test", fields: ["provider": "google"])
        desk.fake.addUser(email: "new@example.test", password: "correct horse", isVerified: false)
        let answer = await desk.ask("POST auth/" + call, body)
        #expect(answer.status == status)
        #expect(answer.text("errors.0.code") == code)
        #expect(desk.fake.tokens().isEmpty)
    }

    @Test(
        "input that breaks a rule is 400 without `errors`",
        arguments: [
            ("signup-email", ["email": "x@example.test", "password": "short"], "password"),
            ("signup-email", ["email": "no address", "password": "long enough"], "email"),
            ("signin-email", ["email": "x@example.test"], "password"),
            ("signup-phone", ["phone": "90000001", "password": "long enough"], "phone"),
            ("signup-email", ["email": "x@example.test", "password": "long enough", "userData": []], "userData"),
        ] as [(String, JSONValue, String)])
    func validation(call: String, body: JSONValue, field: String) async {
        let answer = await desk.ask("POST auth/" + call, body)
        #expect(answer.status == 400)
        #expect(answer.at("errors") == nil)
        #expect(answer.text("code") == "validation_error")
        #expect(answer.text("fields.0.path") == field)
    }

    @Test("each kind of error has its face")
    func faces() async {
        desk.fake.script(
            .error("internal_server_error"), .error("rate_limit_exceeded"), .error("brand_new", status: 418))
        let broken = await desk.ask("GET auth/user")
        #expect(broken.status == 500 && broken.text("errors.0.origin") == "server_error")
        #expect(broken.text("errors.0.stack") != nil && broken.text("errors.0.details") != nil)
        let limited = await desk.ask("GET auth/user")
        #expect(limited.status == 429 && limited.text("errors.0.details") != nil)
        #expect(limited.headers["retry-after"] == nil)
        let unknown = await desk.ask("GET auth/user")
        #expect(unknown.status == 418 && unknown.text("errors.0.code") == "brand_new")
        #expect(desk.fake.calls().map(\.errorCode) == ["internal_server_error", "rate_limit_exceeded", "brand_new"])
    }

    @Test("a sign-up that waits for a mail has no session; the link brings a grant, which is good once")
    func confirmation() async throws {
        desk.fake.choices.confirmsEmail = true
        let answer = await desk.ask(
            "POST auth/signup-email",
            [
                "email": "x@example.test", "password": "secret1", "redirectURL": "https://app.test/in?a=1",
                "userData": ["team": "red"],
            ])
        #expect(answer.status == 200 && answer.at("session") == .some(.null))
        #expect(answer.at("user.team") == "red" && answer.headers["set-cookie"] == nil)
        let click = try #require(desk.fake.link(to: "x@example.test"))
        let target = try #require(await desk.fake.answer(click).headers["location"])
        #expect(target.hasPrefix("https://app.test/in?a=1&access_token=at-") && target.hasSuffix("&status=200"))
        let grant = try #require(target.split(separator: "access_token=").last?.split(separator: "&").first)
        let first = await desk.ask("GET auth/grant", query: ["key": String(grant)]) { $0.headers = [:] }
        #expect(first.status == 200 && first.text("session.token") != nil)
        #expect(first.at("user.emailVerified") == true)
        let second = await desk.ask("GET auth/grant", query: ["key": String(grant)])
        #expect(second.status == 403 && second.text("errors.0.code") == "invalid_access_token")
        let again = try #require(await desk.fake.answer(click).headers["location"])
        #expect(again.contains("code=invalid_access_token") && again.contains("status=403"))
    }

    @Test(
        "a grant is refused where it is missing, late, of another kind, or its user is gone",
        arguments: [
            ("missing_access_token", 400), ("invalid_access_token", 403), ("invalid_token_type", 401),
            ("user_not_found", 404), ("not_allowed", 401),
        ])
    func grants(code: String, status: Int) async {
        let id = desk.fake.addUser(email: "mia@example.test")
        var key = desk.fake.addGrant(code == "invalid_token_type" ? .resetPassword : .oauthSignIn, for: id)
        switch code {
        case "missing_access_token": key = ""
        case "invalid_access_token": desk.clock.pass(seconds: 3600)
        case "user_not_found": desk.fake.deleteUser(id)
        case "not_allowed": desk.fake.choices.allowsEmail = false
        default: break
        }
        let answer = await desk.ask("GET auth/grant", query: ["key": key])
        #expect(answer.status == status && answer.text("errors.0.code") == code)
    }
}
