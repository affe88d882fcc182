import SessionProtocol
import Testing

extension Sessions {
    @Suite("An administrator's change reaches watchers at once", .timeLimit(.minutes(1)))
    struct AdministrationTests {
        /// What ends ada's session: a method and its params.
        static let endings: [(String, JSONValue)] = [
            ("authority.user.update", ["username": "ada", "disabled": true]),
            ("authority.user.update", ["username": "ada", "password": "another password"]),
            ("authority.user.remove", ["username": "ada"]),
        ]

        @Test("disabling, a new password and removal end the session everywhere", arguments: endings)
        func ends(method: String, params: JSONValue) async throws {
            let daemon = try await DaemonProcess.start()
            let watcher = try daemon.connect()
            try await watcher.signIn()
            try await watcher.call("session.watch")
            let clock = ContinuousClock()
            let start = clock.now
            try await daemon.connect().call(method, params)
            let state = try await watcher.state { $0["phase"] == "signedOut" }
            // Pushed, not waited for: the heartbeat is three minutes away.
            #expect(clock.now - start < .seconds(10))
            #expect(state["cause"]?["kind"] == "endedElsewhere")
            #expect(try await watcher.failure("session.token").kind == "notSignedIn")
        }

        @Test("revoking one session ends that one")
        func revoke() async throws {
            let daemon = try await DaemonProcess.start(
                configuration: "profiles: {default: {provider: embedded}, other: {provider: embedded}}\n")
            let watcher = try daemon.connect()
            let snapshot = try await watcher.signIn()
            try await watcher.signIn(profile: "other")
            try await watcher.call("session.watch")
            let id = try #require(snapshot["objects"]?["session"]?["value"]?["id"])
            let listed = try await watcher.call("authority.sessions")["sessions"]?.arrayValue
            #expect(listed?.count == 2)
            #expect(listed?.contains { $0["id"] == id && $0["username"] == .string(Seed.username) } == true)
            try await daemon.connect().call("authority.session.revoke", ["id": id])
            #expect(try await watcher.state { $0["phase"] == "signedOut" }["cause"]?["kind"] == "endedElsewhere")
            #expect(try await watcher.call("session.authenticate", ["profile": "other"])["phase"] == "active")
        }

        @Test("a disabled user cannot sign in, by grant or password, until enabled again")
        func disabled() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            let ada = JSONValue.string(Seed.username)
            let grant = try await connection.call("authority.grant", ["username": ada])["accessToken"] ?? .null
            try await connection.call("authority.user.update", ["username": ada, "disabled": true])
            let users = try await connection.call("authority.users")["users"]?.arrayValue
            #expect(users?.first?["disabled"] == true)
            #expect(try await connection.failure("session.exchange", ["accessToken": grant]).code == 1007)
            try await connection.call("authority.user.update", ["username": ada, "disabled": false])
            #expect(try await connection.signIn()["phase"] == "active")
        }

        @Test("a name that an administrator changes is seen, and unknown users and sessions are refused by reason")
        func names() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            try await connection.signIn()
            try await connection.call("session.watch", ["topics": ["user"]])
            try await daemon.connect().call(
                "authority.user.update", ["username": .string(Seed.username), "name": "Countess"])
            #expect(try await connection.state { _ in true }["objects"]?["user"]?["value"]?["name"] == "Countess")
            for (method, params) in [
                ("authority.user.update", ["username": "nobody"]), ("authority.user.remove", ["username": "nobody"]),
                ("authority.grant", ["username": "nobody"]),
            ] as [(String, JSONValue)] {
                #expect(try await connection.failure(method, params).data["reason"] == "user_not_found", "\(method)")
            }
            let revoked = try await connection.failure("authority.session.revoke", ["id": "nobody"])
            #expect(revoked.data["reason"] == "session_not_found")
        }
    }
}
