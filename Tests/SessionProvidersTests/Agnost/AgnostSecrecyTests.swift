import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@testable import SessionProviders

@Suite("Secrets stay inside the Agnost adapter", .timeLimit(.minutes(1)))
struct AgnostSecrecyTests {
    private static let hash = "$2b$10$" + String(repeating: "canaryhash", count: 6).prefix(53)
    private static let stack = "ReferenceError: canary-stack\n    at /app/canary.js:1:1"

    /// What clients, files of log lines and debuggers get to see.
    private static func seen(_ stage: AgnostStage) -> String {
        let publication = stage.keeper.publication
        return String(decoding: publication.encoded, as: UTF8.self) + "\(publication.snapshot)"
            + String(reflecting: publication) + String(reflecting: stage.provider) + "\(stage.provider)"
            + stage.log.lines.joined()
    }

    @Test("tokens, passwords, codes, grants, hashes, stacks and the API key are nowhere to be seen")
    func canaries() async throws {
        try await AgnostStage.with { stage in
            var said: [String] = []
            func note(_ value: Any) { said += ["\(value)", String(reflecting: value)] }
            func attempt(_ call: () async throws -> some Any) async {
                do { note(try await call()) } catch { note(error) }
                said.append(Self.seen(stage))
            }
            let id = stage.fake.addUser(
                email: "mia@example.test", phone: "+491700000042", password: "canary-password",
                fields: [
                    "token": "canary-member", "inner": ["password": .string(Self.hash), "token": 7, "kept": "yes"],
                    "hashes": [.string(Self.hash), "kept"], "aliased": .string(Self.hash), "stack": "kept",
                    "trace": ["stack": .string(Self.stack)],
                ])
            let fields = ["email": "mia@example.test", "password": "canary-password"]
            note(SignInFields(fields))
            await attempt { try await stage.signIn(fields) }
            let token = try #require(stage.token)
            let user = try #require(stage.snapshot.objects["user"]?.value)
            #expect(
                user["inner"] == ["kept": "yes", "token": 7] && user["hashes"] == ["kept"] && user["aliased"] == nil)
            #expect(user["stack"] == "kept" && user["trace"] == [:] && user["token"] == nil)

            stage.fake.set("ownToken", to: .string(token), of: id)
            let other = stage.fake.openSession(of: id)
            await attempt { await stage.validate() }
            #expect(stage.snapshot.objects["user"]?.value?["ownToken"] == nil)
            stage.fake.set("ownToken", to: nil, of: id)
            await attempt { try await stage.keeper.listSessions() }
            await attempt { try await stage.keeper.fetchUser() }
            for effect in [
                .error("internal_server_error", details: ["stack": .string(Self.stack)]), .drop, .html(status: 401),
                .error("not_allowed", details: ["message": "canary-message", "details": .string(token)]),
                .set("password", .string(Self.hash)), .set("session", ["token": .string(other)]),
            ] as [FakeEffect] {
                stage.fake.always(effect)
                await attempt { await stage.validate() }
                await attempt { try await stage.keeper.listSessions() }
                await attempt { try await stage.keeper.fetchUser() }
                await attempt { try await stage.revoke(.others) }
                await attempt { try await stage.revoke(.session(id: "0123456789abcdef")) }
                await attempt { try await stage.signIn(fields) }
                stage.fake.unscript()
            }
            await attempt { try await stage.signIn(["phone": "+491700000042"], method: "code") }
            await attempt { try await stage.answer(code: "canary-code") }
            await attempt {
                try await stage.keeper.exchange(
                    accessToken: try #require(Secret("canary-grant")), durationMinutes: nil, expect: nil)
            }
            await attempt { try await stage.revoke(.all) }
            let tokens = stage.fake.calls().compactMap { $0.headers["session"] } + [token, other]
            let text = said.joined()
            let leaked = Set(tokens + ["canary", stage.fake.apiKey]).filter { text.contains($0) }
            #expect(leaked.isEmpty)
            // The canaries were there to be leaked, and the log does speak.
            #expect(stage.fake.calls().contains { $0.query["code"] == "canary-code" })
            #expect(stage.log.lines.contains { $0.contains("one by one") })
        }
    }

    @Test("the address of a request does not show the grant or the code that it carries")
    func queries() {
        let call = AgnostCall.post("signin-code").asking("code", "canary-1").asking("phone", "canary-2")
        #expect(call.path == "/auth/signin-code?code=canary-1&phone=canary-2")
        let request = UpstreamRequest(call.verb, call.path)
        #expect("\(request)" == "POST /auth/signin-code" && !String(reflecting: request).contains("canary"))
    }

    @Test(
        "what stands in a query arrives as it was",
        arguments: ["+49 17", "a&b=c", "ä%2B#?/", "a;b", "", "\"'<>\\^`{|}"])
    func encoding(value: String) async throws {
        let server = try await FakeHTTPServer.start { request in .json(["got": JSONValue(request.query["key"])]) }
        let fixture = TransportFixture()
        let call = AgnostCall.post("send-code").asking("key", value)
        let answer = try await fixture.upstream(server.baseURL).send(UpstreamRequest(.get, call.path))
        #expect(try JSONValue.parse(answer.body)["got"] == .string(value))
        await server.stop()
    }
}

@Suite("A user agent as a text") struct AgnostUserAgentTests {
    @Test(
        "every known shape is readable, and what says nothing is left out",
        arguments: [
            (nil, nil), ([:], nil), ([], nil), ("", nil), ("curl/8", "curl/8"),
            (["ua": "Mozilla/5.0 x"], "Mozilla/5.0 x"),
            (
                [
                    "ua": "", "browser": ["name": "Firefox", "version": "133.0"], "os": ["name": "Linux"], "cpu": [:],
                ], "Firefox 133.0, Linux"
            ),
            (
                [
                    "family": "Chrome", "major": "99", "minor": "0", "patch": "4844",
                    "device": ["family": "Other", "major": "0", "minor": "0", "patch": "0"],
                    "os": ["family": "Mac OS X", "major": "10", "minor": "15", "patch": "7"],
                ], "Chrome 99.0.4844, Mac OS X 10.15.7"
            ),
            (["family": "Other", "major": "0", "os": ["family": "Other"]], nil),
            (["family": "sessiond", "major": "0", "minor": "0"], "sessiond"), (["os": 7, "browser": "x"], nil),
        ] as [(JSONValue?, String?)])
    func shapes(userAgent: JSONValue?, text: String?) {
        #expect(AgnostUserAgent.text(userAgent) == text)
    }

    @Test("a secret that is echoed in the place of a code is no reason")
    func echoedCode() async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            for secret in [stage.fake.apiKey, "hunter2secret"] {
                stage.fake.always(.json(["errors": [["code": .string(secret)]]], status: 401))
                let error = await failure {
                    try await stage.signIn(["email": "mia@example.test", "password": "hunter2secret"])
                }
                #expect(error != nil && !"\(String(describing: error))".contains(secret))
                // A heartbeat carries the key and no password: a service has none to echo there.
                if secret == stage.fake.apiKey { await stage.validate() }
                #expect(!stage.log.lines.joined().contains(secret))
                stage.fake.unscript()
            }
        }
    }
}
