import FakeServices
import Glibc
import SessionProtocol
import Testing

/// A fake Agnost in this process that real daemons reach over HTTP.
private struct AgnostSite {
    let fake: FakeAgnost
    let server: FakeHTTPServer
    /// Where the API key lies, for as long as the site is there.
    private let keys: TemporaryFolder
    static let fields: JSONValue = ["method": "password", "email": "mia@example.test", "password": "canary-password"]

    init() async throws {
        let fake = FakeAgnost(
            now: {
                var time = timespec()
                clock_gettime(CLOCK_REALTIME, &time)
                return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
            }, apiKey: "ak-canary-key")
        self.fake = fake
        server = try await FakeHTTPServer.start { await fake.answer($0) }
        keys = try TemporaryFolder()
        try keys.write("ak-canary-key\n", to: "agnost.key", mode: 0o600)
    }

    func daemon() async throws -> DaemonProcess {
        var setup = DaemonProcess.Setup()
        setup.isSeeded = false
        setup.arguments = ["--log-level", "trace"]
        setup.configuration = """
            profiles:
              default:
                provider: agnost
                apiKey: {file: \(keys.path)/agnost.key}
                baseURL: \(server.baseURL)\(fake.basePath)
                signInURL: https://example.test/login
                heartbeat: {interval: 1s, timeout: 5s, jitter: 0}

            """
        return try await DaemonProcess.start(setup)
    }
}

@Suite("The daemon with Agnost", .timeLimit(.minutes(1)))
struct AgnostTests {
    @Test("sign-in, heartbeat, list, revocation by id, restart, headers and the end elsewhere, as a watcher sees them")
    func life() async throws {
        let site = try await AgnostSite()
        let id = site.fake.addUser(email: "mia@example.test", password: "canary-password", fields: ["team": "blue"])
        let daemon = try await site.daemon()
        let connection = try daemon.connect()
        let watcher = try daemon.connect()
        try await watcher.call("session.watch")

        let signedIn = try await connection.call("session.signIn", AgnostSite.fields)
        #expect(signedIn["outcome"] == "signedIn" && signedIn["snapshot"]?["expiresAt"] == .null)
        let token = try #require(site.fake.tokens().first)
        site.fake.set("team", to: "red", of: id)
        let refreshed = try await watcher.state { $0["objects"]?["user"]?["value"]?["team"] == "red" }
        #expect(refreshed["phase"] == "active" && refreshed["cause"]?["kind"] == "validated")

        #expect(try await connection.call("session.token")["tokens"] == ["sessionToken": .string(token)])
        #expect(
            try await connection.call("session.headers")["headers"] == [
                "Authorization": "ak-canary-key", "Session": .string(token), "X-Client": "agnost-js",
            ])

        let other = site.fake.openSession(of: id)
        let sessions = try #require(try await connection.call("session.list")["sessions"]?.arrayValue)
        #expect(sessions.map { $0["current"] } == [true, false])
        let otherID = try #require(sessions.last?["id"])
        let revoked = try await connection.call("session.revoke", ["target": ["id": otherID]])
        #expect(revoked["confirmed"] == true && revoked["snapshot"]?["phase"] == "active")
        #expect(site.fake.tokens() == [token])
        for (method, params) in [
            ("session.authenticate", ["sessionDurationMinutes": 60]), ("session.lock", [:]), ("account.list", [:]),
            ("access.check", ["required": "*"]), ("alerts.list", [:]),
        ] as [(String, JSONValue)] {
            let refused = try await connection.failure(method, params)
            #expect(refused.kind == "notSupported" && refused.data["provider"] == "agnost", "\(method)")
        }

        #expect(await daemon.restart() == nil)
        let after = try daemon.connect()
        let restored = try await after.call("session.wait", ["until": ["active"], "timeoutMs": 10_000])
        #expect(restored["objects"]?["session"]?["value"]?["userId"] == .string(id))
        site.fake.revoke(token: token)
        // Young ones are asked for twice, and this one is a few seconds old.
        let ended = try await after.call("session.wait", ["until": ["signedOut"], "timeoutMs": 15_000])
        #expect(ended["cause"]?["kind"] == "endedElsewhere")
        #expect(!site.server.requests.contains { $0.headers["cookie"] != nil })
        for secret in ["canary", token, other] { #expect(!daemon.log.contains(secret)) }
        await site.server.stop()
    }

    @Test("sign-up, update, invalidation and the errors of a client's own, as the protocol has them")
    func words() async throws {
        let site = try await AgnostSite()
        let daemon = try await site.daemon()
        let connection = try daemon.connect()
        let signedUp = try await connection.call(
            "session.signUp",
            [
                "method": "password", "phone": "+491700000042", "password": "canary-password",
                "userData": ["team": "green"],
            ])
        #expect(signedUp["outcome"] == "signedIn")
        let session = try #require(signedUp["snapshot"]?["objects"]?["user"]?["value"])
        #expect(session["team"] == "green")
        let token = try #require(site.fake.tokens().first)

        let invalidated = try await connection.call("session.invalidate")
        #expect(invalidated["signInURL"] == "https://example.test/login")
        #expect(invalidated["snapshot"]?["phase"] == "signedOut" && site.fake.tokens() == [token])
        let updated = try await connection.call(
            "session.update", ["session": ["token": .string(token), "userId": "x"], "user": ["name": "M."]])
        #expect(updated["phase"] == "unverified" && updated["objects"]?["session"]?["value"] == ["userId": "x"])
        let active = try await connection.call("session.wait", ["until": ["active"], "timeoutMs": 10_000])
        #expect(active["objects"]?["user"]?["value"]?["team"] == "green")

        for (params, path) in [
            (["method": "password", "password": "x"], "email"),
            (["method": "password", "password": "x", "email": "a@b.test", "phone": "+491"], "phone"),
            (["method": "code"], "phone"), (["method": "password", "email": "a@b.test"], "password"),
        ] as [(JSONValue, String)] {
            let refused = try await connection.failure("session.signIn", params)
            #expect(refused.code == -32602 && refused.data["path"] == .string(path))
        }
        let wrong = try await connection.failure(
            "session.signIn", ["method": "password", "phone": "+491700000042", "password": "canary-wrong"])
        #expect(wrong.code == 1007 && wrong.data["reason"] == "invalid_credentials")
        #expect(!daemon.log.contains("canary"))
        await site.server.stop()
    }

    @Test("sessionctl signs in by phone, lists, and signs out everywhere though the server's call is broken")
    func commands() async throws {
        let site = try await AgnostSite()
        let id = site.fake.addUser(phone: "+491700000042", password: "canary-password")
        site.fake.openSession(of: id)
        let daemon = try await site.daemon()
        let login = try await Command.sessionctl(
            "login", "--method", "password", "--username", "+491700000042", for: daemon, input: "canary-password\n")
        #expect(login.status == .status(0), "\(login.errors)")
        let list = try await Command.sessionctl("list", "--json", for: daemon)
        #expect(list.status == .status(0) && list.output.contains("\"current\":true"))
        let headers = try await Command.sessionctl("headers", for: daemon)
        #expect(headers.output.contains("Authorization: ak-canary-key\n"))
        let logout = try await Command.sessionctl("logout", "--all", for: daemon)
        #expect(logout.status == .status(0) && site.fake.tokens().isEmpty, "\(logout.errors)")
        #expect(site.fake.calls(on: "auth/signout-all").map(\.status) == [500])
        await site.server.stop()
    }
}
