import SessionProtocol
import Testing

extension Sessions {
    @Suite("A session's life", .timeLimit(.minutes(1)))
    struct SessionTests {
        private static let twoProfiles = """
            profiles:
              default: {provider: embedded, sessionDuration: 2h}
              other: {provider: embedded}

            """

        @Test("authenticate only validates; with a duration it moves the end, also to an earlier time")
        func authenticate() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            let before = try await connection.signIn(minutes: 60)
            let validated = try await connection.call("session.authenticate")
            #expect(validated["expiresAt"] == before["expiresAt"])
            #expect(validated["cause"]?["kind"] == "signedIn")
            for minutes: Int64 in [600, 10] {
                let extended = try await connection.call(
                    "session.authenticate", ["sessionDurationMinutes": .integer(minutes)])
                #expect(extended["cause"]?["kind"] == "extended")
                let end = try #require(extended["expiresAt"]?.integerValue)
                let at = try #require(extended["lastValidatedAt"]?.integerValue)
                #expect(abs(end - at - minutes * 60_000) < 5000)
            }
        }

        @Test("a change that expects another revision is refused and changes nothing")
        func conflict() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            let snapshot = try await connection.signIn()
            let revision = try #require(snapshot["revision"]?.integerValue)
            let refused = try await connection.failure("session.invalidate", ["expect": ["revision": 0]])
            #expect(refused.code == 1003)
            #expect(refused.data["revision"] == .integer(revision))
            let elsewhere = try await connection.failure(
                "session.invalidate", ["expect": ["revision": .integer(revision), "instance": "another"]])
            #expect(elsewhere.kind == "conflict")
            let instance = snapshot["instance"] ?? .null
            try await connection.call(
                "session.invalidate", ["expect": ["revision": .integer(revision), "instance": instance]])
            #expect(try await connection.call("session.get")["phase"] == "signedOut")
        }

        @Test("a session from elsewhere is taken over, confirmed at once, and refused where it is nobody's")
        func update() async throws {
            let daemon = try await DaemonProcess.start(configuration: Self.twoProfiles)
            let connection = try daemon.connect()
            try await connection.signIn(profile: "other")
            let tokens = try await connection.call("session.token", ["profile": "other"])["tokens"]
            let token = try #require(tokens?["sessionToken"])
            try await connection.call("session.watch", ["topics": ["phase"]])
            let taken = try await connection.call(
                "session.update", ["sessionToken": token, "user": ["id": "handed in"]])
            #expect(taken["phase"] == "unverified")
            #expect(taken["objects"]?["user"]?["value"]?["id"] == "handed in")
            #expect(taken["objects"]?["access"]?["state"] == "unavailable")
            let confirmed = try await connection.state { $0["phase"] == "active" }
            #expect(confirmed["objects"]?["user"]?["value"]?["username"] == .string(Seed.username))
            let refused = try await connection.failure(
                "session.update", ["sessionToken": "one", "session": ["token": "two"]])
            #expect(refused.data["path"] == "session.token")
            try await connection.call("session.update", ["sessionToken": "sds_of_nobody"])
            let gone = try await connection.state { $0["phase"] == "signedOut" }
            #expect(gone["cause"]?["kind"] == "endedElsewhere")
            #expect(try await connection.call("session.get", ["profile": "other"])["phase"] == "active")
        }

        @Test("invalidate ends the local session and leaves it alive at the authority")
        func invalidate() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            try await connection.signIn()
            let result = try await connection.call("session.invalidate")
            #expect(result["snapshot"]?["cause"]?["kind"] == "invalidated")
            #expect(result["snapshot"]?["objects"]?["user"] == ["state": "unavailable", "reason": "signedOut"])
            #expect(try await connection.call("authority.sessions")["sessions"]?.arrayValue?.count == 1)
            try await daemon.kill()
            try await daemon.start()
            #expect(try await daemon.connect().call("session.get")["cause"]?["kind"] == "invalidated")
        }

        @Test("clearLocal deletes what is stored; the session goes on until the daemon stops")
        func clearLocal() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            try await connection.signIn()
            #expect(try await connection.call("session.clearLocal")["phase"] == "active")
            #expect(try await connection.call("session.authenticate")["phase"] == "active")
            #expect(try await connection.call("session.token")["tokens"]?["sessionToken"] != nil)
            #expect(try await daemon.stop() == .status(0))
            try await daemon.start()
            #expect(try await daemon.connect().call("session.get")["cause"]?["kind"] == "neverSignedIn")
        }

        @Test("revoke ends the session at the authority, twice without complaint, and it stays ended")
        func revoke() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            try await connection.signIn()
            let token = try await connection.call("session.token")["tokens"]?["sessionToken"] ?? .null
            let result = try await connection.call("session.revoke")
            #expect(result["confirmed"] == true && result["pending"] == false)
            #expect(result["snapshot"]?["cause"]?["kind"] == "revoked")
            #expect(try await connection.call("authority.sessions")["sessions"] == [])
            #expect(try await connection.call("session.revoke")["confirmed"] == true)
            #expect(try await connection.failure("session.token").kind == "notSignedIn")
            try await daemon.kill()
            try await daemon.start()
            let later = try daemon.connect()
            #expect(try await later.call("session.get")["phase"] == "signedOut")
            try await later.call("session.watch", ["topics": ["phase"]])
            try await later.call("session.update", ["sessionToken": token])
            #expect(try await later.state { $0["phase"] != "unverified" }["phase"] == "signedOut")
        }

        @Test("others, one by its id, and all of a user's sessions can be ended")
        func revokeTargets() async throws {
            let daemon = try await DaemonProcess.start(configuration: Self.twoProfiles)
            let connection = try daemon.connect()
            for _ in 0..<3 { try await connection.signIn() }
            func sessions() async throws -> [JSONValue] {
                try await connection.call("session.list")["sessions"]?.arrayValue ?? []
            }
            let three = try await sessions()
            #expect(three.count == 3)
            #expect(three.count { $0["current"] == true } == 1)
            #expect(!String(decoding: JSONValue.array(three).encoded, as: UTF8.self).contains("sds_"))
            let other = try #require(three.first { $0["current"] == false }?["id"])
            try await connection.call("session.revoke", ["target": ["id": other]])
            #expect(try await sessions().count == 2)
            let unknown = try await connection.failure("session.revoke", ["target": ["id": other]])
            #expect(unknown.data["reason"] == "session_not_found")
            let kept = try await connection.call("session.revoke", ["target": "others"])
            #expect(kept["snapshot"]?["phase"] == "active")
            #expect(try await sessions().map { $0["current"] } == [true])
            try await connection.signIn(profile: "other")
            let all = try await connection.call("session.revoke", ["target": "all"])
            #expect(all["snapshot"]?["phase"] == "signedOut")
            #expect(try await connection.call("authority.sessions")["sessions"] == [])
            let gone = try await connection.call("session.wait", ["profile": "other", "until": ["signedOut"]])
            #expect(gone["cause"]?["kind"] == "endedElsewhere")
        }

        @Test("a user handed in is held until the authority's next answer; fetch reads it from there")
        func user() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            #expect(try await connection.failure("user.update", ["user": [:]]).kind == "notSignedIn")
            try await connection.signIn()
            let updated = try await connection.call("user.update", ["user": ["nick": "countess"]])
            #expect(updated["objects"]?["user"]?["value"] == ["nick": "countess"])
            #expect(try await connection.call("user.get")["value"] == ["nick": "countess"])
            let fetched = try await connection.call("user.fetch")
            #expect(fetched["value"]?["username"] == .string(Seed.username))
            #expect(try await connection.call("user.get")["value"] == fetched["value"])
        }

        @Test("a session outlives kill -9: it is served at once, then confirmed")
        func restart() async throws {
            let daemon = try await DaemonProcess.start()
            let before = try await daemon.connect().signIn()
            try await daemon.kill()
            try await daemon.start()
            let connection = try daemon.connect()
            let restored = try await connection.call("session.get")
            #expect(restored["instance"] != before["instance"])
            #expect(restored["expiresAt"] == before["expiresAt"])
            #expect(restored["objects"]?["session"]?["value"]?["id"] == before["objects"]?["session"]?["value"]?["id"])
            let confirmed = try await connection.call("session.wait", ["until": ["active"]])
            #expect(["validated", "restored"].contains(confirmed["cause"]?["kind"]))
        }
    }
}
