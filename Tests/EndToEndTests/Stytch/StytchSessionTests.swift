import FakeServices
import SessionProtocol
import Testing

extension Stytch {
    @Suite("A Stytch session over the wire", .timeLimit(.minutes(1)))
    struct SessionTests {
        @Test("sign-in, heartbeats, extension, tokens, headers and sign-out, as a watcher sees them")
        func life() async throws {
            let site = try await StytchSite()
            let user = site.fake.addUser(email: StytchSite.email, password: StytchSite.password)
            let daemon = try await site.daemon()
            let connection = try daemon.connect()
            let watcher = try daemon.connect()
            let first = try #require(try await watcher.call("session.watch")["state"])
            expectSnapshotShape(first, objects: ["session", "user"])
            #expect(first["provider"] == "stytch" && first["phase"] == "signedOut")

            let signedIn = try await connection.call("session.signIn", StytchSite.passwordParams)
            #expect(Set(signedIn.objectValue?.keys.sorted() ?? []) == ["outcome", "snapshot"])
            #expect(signedIn["outcome"] == "signedIn")
            let told = try #require(try await watcher.notification()["params"])
            #expect(Set(told.objectValue?.keys.sorted() ?? []) == ["subscription", "profile", "revision", "state"])
            let state = try #require(told["state"])
            expectSnapshotShape(state, objects: ["session", "user"])
            #expect(state["phase"] == "active" && state["cause"]?["kind"] == "signedIn")
            #expect(state["revision"] == first["revision"]?.integerValue.map { .integer($0 + 1) }, "one change")
            let session = try #require(site.fake.sessions.first)
            #expect(state["objects"]?["session"]?["value"]?["session_id"] == .string(session.id))
            #expect(state["objects"]?["user"]?["value"] == site.fake.object(user))
            let validatedAt = state["lastValidatedAt"]
            for name in ["session", "user"] { #expect(state["objects"]?[name]?["lastValidatedAt"] == validatedAt) }
            #expect(state["expiresAt"] == .integer(session.expiresAt))

            site.fake.set("name", to: ["first_name": "Ada"], of: user)
            let refreshed = try await watcher.state { _ in true }
            #expect(refreshed["objects"]?["user"]?["value"]?["name"] == ["first_name": "Ada"], "by a heartbeat")
            #expect(refreshed["expiresAt"] == state["expiresAt"], "which never extends")
            #expect(try await connection.call("user.get") == refreshed["objects"]?["user"])

            try await Self.extend(connection, site)
            try await Self.credentials(connection, site, session)

            let revoked = try await connection.call("session.revoke")
            #expect(Set(revoked.objectValue?.keys.sorted() ?? []) == ["confirmed", "pending", "snapshot"])
            #expect(revoked["confirmed"] == true && revoked["pending"] == false)
            let ended = try await watcher.state { $0["phase"] == "signedOut" }
            #expect(ended["cause"]?["kind"] == "revoked" && site.fake.sessions.isEmpty)
            expectSnapshotShape(ended, objects: ["session", "user"])
            #expect(ended["objects"]?["user"] == ["state": "unavailable", "reason": "signedOut"])
        }

        /// Without a duration it only validates; with one the end moves, also to an earlier time.
        private static func extend(_ connection: WireConnection, _ site: StytchSite) async throws {
            let end = site.fake.sessions.first?.expiresAt
            let validated = try await connection.call("session.authenticate")
            #expect(validated["expiresAt"]?.integerValue == end)
            for minutes: Int64 in [600, 30] {
                let extended = try await connection.call(
                    "session.authenticate", ["sessionDurationMinutes": .integer(minutes)])
                #expect(extended["cause"]?["kind"] == "extended")
                #expect(extended["expiresAt"]?.integerValue == site.fake.sessions.first?.expiresAt)
                let left = (extended["expiresAt"]?.integerValue ?? 0) - StytchSite.now
                #expect(abs(left - minutes * 60_000) < 10_000)
            }
            for minutes: Int64 in [4, 527_041] {
                let refused = try await connection.failure(
                    "session.authenticate", ["sessionDurationMinutes": .integer(minutes)])
                #expect(refused.code == -32602 && refused.data["path"] == "sessionDurationMinutes")
            }
        }

        private static func credentials(
            _ connection: WireConnection, _ site: StytchSite, _ session: FakeStytchSession
        ) async throws {
            let tokens = try await connection.call("session.token")
            #expect(
                Set(tokens.objectValue?.keys.sorted() ?? []) == [
                    "profile", "revision", "stale", "expiresAt", "tokens", "jwtExpiresAt",
                ])
            #expect(tokens["stale"] == false && tokens["tokens"]?["sessionToken"] == .string(session.token))
            #expect(tokens["tokens"]?["sessionJwt"]?.stringValue?.split(separator: ".").count == 3)
            let left = (tokens["jwtExpiresAt"]?.integerValue ?? 0) - StytchSite.now
            #expect((280_000...300_000).contains(left))
            let headers = try await connection.call("session.headers")["headers"]
            #expect(headers?["Authorization"] == .string(site.authorization(session.token)))
            #expect(headers?["Content-Type"] == "application/json")
            #expect(headers?["X-SDK-Client"]?.stringValue?.isEmpty == false)
        }

        @Test("minValidMs renews a JWT that has less left once, however many ask, and brings no notification")
        func renewal() async throws {
            let site = try await StytchSite()
            site.fake.addUser(email: StytchSite.email, password: StytchSite.password)
            let daemon = try await site.daemon(interval: "180s")
            let connection = try daemon.connect()
            site.fake.choices.jwtSeconds = 200
            try await connection.call("session.signIn", StytchSite.passwordParams)
            site.fake.choices.jwtSeconds = 300
            let first = try await connection.call("session.token")["tokens"]
            let watcher = try daemon.connect()
            try await watcher.call("session.watch")
            #expect(try await connection.call("session.token", ["minValidMs": 100_000])["tokens"] == first)
            site.fake.forgetCalls()
            site.fake.always(.held, on: "sessions/authenticate")
            let askers = try (0..<16).map { _ in try daemon.connect() }
            for asker in askers {
                asker.send("token", "session.token", ["minValidMs": 250_000])
                // Calls of a connection start in order: with this answered the other one waits.
                asker.send("ping", "server.ping")
                #expect(try await asker.line()?["id"] == "ping")
            }
            #expect(await site.fake.calls(atLeast: 1, on: "sessions/authenticate").count == 1)
            site.release()
            var renewed: Set<JSONValue> = []
            for asker in askers {
                let reply = try #require(try await asker.line())
                renewed.insert(reply["result"]?["tokens"] ?? reply)
            }
            #expect(renewed.count == 1 && !renewed.contains(first ?? .null))
            #expect(renewed.first?["sessionToken"] == first?["sessionToken"])
            #expect(site.fake.calls(on: "sessions/authenticate").count == 1)
            #expect(try await connection.failure("session.token", ["minValidMs": 300_001]).code == -32602)
            try await connection.call("session.invalidate")
            #expect(try await watcher.notification()["params"]?["state"]?["phase"] == "signedOut", "the first news")
        }

        @Test("a session handed in is local and unverified, confirmed at once, and refused where it is nobody's")
        func update() async throws {
            let site = try await StytchSite()
            let user = site.fake.addUser(email: StytchSite.email)
            let session = site.fake.openSession(of: user)
            let daemon = try await site.daemon(interval: "180s")
            let connection = try daemon.connect()
            let watcher = try daemon.connect()
            try await watcher.call("session.watch", ["topics": ["phase"]])
            let taken = try await connection.call("session.update", ["sessionToken": .string(session.token)])
            expectSnapshotShape(taken, objects: ["session", "user"])
            #expect(taken["phase"] == "unverified" && taken["lastValidatedAt"] == .null)
            #expect(taken["objects"]?["user"] == ["state": "unavailable", "reason": "notProvided"])
            let confirmed = try await watcher.state { $0["phase"] == "active" }
            #expect(confirmed["objects"]?["user"]?["value"] == site.fake.object(user))
            #expect(confirmed["expiresAt"] == .integer(session.expiresAt))
            let differing = try await connection.failure(
                "session.update", ["sessionToken": "one", "session": ["token": "two"]])
            #expect(differing.code == -32602)
            try await connection.call("session.update", ["sessionToken": "of-nobody"])
            let gone = try await watcher.state { $0["phase"] == "signedOut" }
            #expect(gone["cause"]?["kind"] == "endedElsewhere")
        }

        @Test("a network that is pulled makes a session stale, never signed out, and active again when it is back")
        func network() async throws {
            let site = try await StytchSite()
            site.fake.addUser(email: StytchSite.email, password: StytchSite.password)
            let daemon = try await site.daemon()
            let connection = try daemon.connect()
            let watcher = try daemon.connect()
            try await watcher.call("session.watch", ["topics": ["phase"]])
            try await connection.call("session.signIn", StytchSite.passwordParams)
            await site.pull()
            let stale = try await watcher.state { $0["phase"] == "stale" }
            #expect(stale["cause"]?["kind"] == "upstreamUnavailable")
            #expect(stale["heartbeat"]?["lastError"]?["kind"] == "upstreamUnavailable")
            #expect(stale["objects"]?["user"]?["state"] == "available")
            #expect(try await connection.call("session.token")["stale"] == true)
            for (method, params) in [
                ("session.authenticate", [:]), ("session.authenticate", ["sessionDurationMinutes": 60]),
                ("session.revoke", [:]), ("session.signIn", StytchSite.passwordParams), ("user.fetch", [:]),
            ] as [(String, JSONValue)] {
                let failure = try await connection.failure(method, params)
                #expect(failure.code == 1006 && failure.kind == "upstreamUnavailable", "\(method): \(failure)")
                #expect(failure.data["nextAttemptAt"]?.integerValue != nil && failure.data["retryable"] == true)
            }
            #expect(try await connection.call("session.get")["phase"] == "stale", "nothing is dropped")
            try await site.putBack()
            let back = try await watcher.state { $0["phase"] == "active" }
            #expect(back["cause"]?["kind"] == "validated" && back["heartbeat"]?["lastError"] == .null)
            #expect(site.fake.sessions.count == 1)
        }

        @Test("Stytch's word ends the session: watchers are told why")
        func endedElsewhere() async throws {
            let site = try await StytchSite()
            let user = site.fake.addUser(email: StytchSite.email, password: StytchSite.password)
            let daemon = try await site.daemon()
            let connection = try daemon.connect()
            let watcher = try daemon.connect()
            try await watcher.call("session.watch", ["topics": ["phase"]])
            try await connection.call("session.signIn", StytchSite.passwordParams)
            site.fake.resetPassword(of: user, to: "another")
            #expect(try await watcher.state { $0["phase"] == "signedOut" }["cause"]?["kind"] == "endedElsewhere")
            #expect(try await connection.failure("session.token").code == 1002)
            let refused = try await connection.failure("session.signIn", StytchSite.passwordParams)
            #expect(refused.code == 1007 && refused.data["reason"] == "unauthorized_credentials")
            #expect(refused.data["status"] == 401 && refused.data["retryable"] == false)
        }

        @Test("an app that Stytch does not know is a setting to mend, by its name")
        func misconfigured() async throws {
            let site = try await StytchSite()
            site.fake.addUser(email: StytchSite.email, password: StytchSite.password)
            let daemon = try await site.daemon()
            let connection = try daemon.connect()
            site.fake.always(.error("bad_app_bundle_for_stytch_sdk"))
            let refused = try await connection.failure("session.signIn", StytchSite.passwordParams)
            #expect(refused.code == 1013 && refused.data["reason"] == "bad_app_bundle_for_stytch_sdk")
            #expect(try await connection.call("session.get")["phase"] == "signedOut")
        }
    }
}
