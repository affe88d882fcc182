import SessionCore
import SessionProtocol
import SessionServer
import Synchronization
import Testing

@Suite("Calls that take a while")
struct SlowCallTests {
    @Test("a change answers with the snapshot it produced; a fast call overtakes it")
    func overtaking() async throws {
        let profile = FakeProfile(gated: true)
        try await TestServer.with([profile]) { server in
            let client = try server.connect()
            client.request(1, "session.authenticate", ["sessionDurationMinutes": 30, "expect": ["revision": 1]])
            client.request(2, "server.ping")
            #expect(try await client.next()["id"] == 2)
            profile.gate.open()
            let answer = try await client.next()
            #expect(answer["id"] == 1)
            #expect(answer["result"]?["revision"] == 2)
            #expect(profile.script.withLock { $0.calls } == ["authenticate 30 1"])
        }
    }

    @Test(
        "each change reaches the keeper as it was asked for",
        arguments: [
            (
                "session.signIn",
                ["method": "password", "username": "u", "password": "p", "sessionDurationMinutes": 5],
                "signIn password [\"password\", \"username\"] 5"
            ),
            (
                "session.signUp",
                ["method": "password", "username": "u", "password": "p", "userData": ["team": "blue"]],
                "signUp password [\"password\", \"userData\", \"username\"]"
            ),
            ("session.exchange", ["accessToken": "t"], "exchange accessToken"),
            ("session.authenticate", [:], "authenticate 0 -1"),
            ("session.update", ["sessionToken": "t"], "update t -"),
            ("session.update", ["session": ["token": "t"]], "update t {}"),
            ("session.update", ["sessionToken": "t", "session": ["token": "t", "id": "s"]], #"update t {"id":"s"}"#),
            (
                "session.update",
                [
                    "sessionToken": "t", "sessionJwt": "j",
                    "session": ["a": [["b": "j", "c": 1]], "session_token": "t"],
                ],
                #"update t {"a":[{"c":1}]}"#
            ),
            ("session.revoke", [:], "revoke current false"),
            ("session.revoke", ["target": "all", "force": true], "revoke all true"),
            ("session.revoke", ["target": ["id": "x"]], "revoke session(id: \"x\") false"),
            ("session.invalidate", [:], "invalidate"), ("session.clearLocal", [:], "clearLocal"),
            ("user.update", ["user": ["a": 1]], "updateUser"),
        ] as [(String, JSONValue, String)])
    func forwarded(method: String, params: JSONValue, call: String) async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile]) { server in
            let result = try #require(try await server.connect().call(method, params)["result"])
            #expect((result["snapshot"] ?? result)["revision"] == 2)
            #expect(profile.script.withLock { $0.calls } == [call])
            if method == "session.invalidate" { #expect(result["signInURL"] == "https://auth.example/sign-in") }
            if method == "session.revoke" { #expect(result["confirmed"] == true && result["pending"] == false) }
            if method == "session.signIn" { #expect(result["outcome"] == "signedIn") }
        }
    }

    @Test(
        "what the keeper could not do is said in the wire's words",
        arguments: [
            (.notSignedIn(.signedOut), 1002, "notSignedIn"), (.notSignedIn(.sealed), 1008, "keyUnavailable"),
            (.conflict(revision: 9), 1003, "conflict"),
            (.upstreamUnavailable(nextAttemptAt: nil), 1006, "upstreamUnavailable"),
            (.upstreamRejected(reason: "r", status: 400), 1007, "upstreamRejected"),
            (.misconfigured(reason: "r"), 1013, "misconfigured"), (.notSupported(method: "m"), 1012, "notSupported"),
            (.challengeNotFound, 1014, "challengeNotFound"),
            (.invalidField(path: "p", expected: "e"), -32602, "invalidParams"), (.storeFailed, 1008, "storeFailed"),
            (.keyUnavailable, 1008, "keyUnavailable"), (.shuttingDown, 1009, "shuttingDown"),
        ] as [(KeeperError, Int64, String)])
    func errors(error: KeeperError, code: Int64, kind: String) async throws {
        let profile = FakeProfile()
        profile.script.withLock { $0.failure = error }
        try await TestServer.with([profile]) { server in
            let answer = try await server.connect().call("session.authenticate")
            #expect(answer["error"]?["code"] == .integer(code))
            #expect(answer.kind == kind)
        }
    }

    @Test("an answer to a challenge is refused as any change is while the state is sealed")
    func sealedAnswer() async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile]) { server in
            let client = try server.connect()
            let answer: JSONValue = ["challenge": "c", "code": "1"]
            #expect(try await client.call("session.answer", answer).kind == "challengeNotFound")
            profile.publish(phase: .sealed)
            #expect(try await client.call("session.answer", answer).kind == "keyUnavailable")
        }
    }

    @Test("cancel gives the call its one answer; the change goes on")
    func cancel() async throws {
        let profile = FakeProfile(gated: true)
        try await TestServer.with([profile]) { server in
            let client = try server.connect()
            client.request(1, "session.authenticate")
            await profile.gate.reached(by: 1)
            client.request(2, "server.cancel", ["id": 1])
            let lines = [try await client.next(), try await client.next()]
            #expect(lines.first { $0["id"] == 1 }?.kind == "cancelled")
            #expect(lines.first { $0["id"] == 2 }?["result"] == ["cancelled": true])
            #expect(try await client.call("server.cancel", ["id": 1])["result"] == ["cancelled": false])
            let watcher = try server.connect()
            _ = try await watcher.call("session.watch")
            profile.gate.open()
            #expect(try await watcher.next()["params"]?["revision"] == 2)
            client.endInput()
            #expect(try await client.line() == nil)
        }
    }

    @Test("a deadline answers in time; the change goes on")
    func deadline() async throws {
        let profile = FakeProfile(gated: true)
        try await TestServer.with([profile]) { server in
            let client = try server.connect()
            let answer = try await client.call("session.authenticate", ["timeoutMs": 20])
            #expect(answer.kind == "deadlineExceeded")
            #expect(answer["error"]?["data"]?["timeoutMs"] == 20)
            let watcher = try server.connect()
            _ = try await watcher.call("session.watch")
            profile.gate.open()
            #expect(try await watcher.next()["params"]?["revision"] == 2)
        }
    }

    @Test("a batch is one array, slow parts and all")
    func batch() async throws {
        let profile = FakeProfile(gated: true)
        try await TestServer.with([profile]) { server in
            let client = try server.connect()
            client.write(
                #"[{"jsonrpc":"2.0","id":1,"method":"session.authenticate"},{"jsonrpc":"2.0","id":2,"method":"nope"},"#
                    + #"{"jsonrpc":"2.0","method":"server.ping"},7]"# + "\n")
            await profile.gate.reached(by: 1)
            profile.gate.open()
            let answers = try #require(try await client.next().arrayValue)
            #expect(answers.count == 3)
            #expect(Set(answers.map { $0.kind ?? "-" }) == ["-", "methodNotFound", "invalidRequest"])
        }
    }

    @Test("half-close: what was started is answered and flushed, then the server closes")
    func halfClose() async throws {
        let profile = FakeProfile(gated: true)
        try await TestServer.with([profile]) { server in
            let client = try server.connect()
            client.request(1, "session.authenticate")
            client.request(2, "server.ping")
            client.write(#"{"jsonrpc":"2.0","id":3,"method":"server.ping"}"#)
            client.endInput()
            #expect(try await client.next()["id"] == 2)
            profile.gate.open()
            #expect(try await client.next()["id"] == 1)
            #expect(try await client.line() == nil)
        }
    }

    @Test("a client that goes away does not stop the change it started")
    func disconnect() async throws {
        let profile = FakeProfile(gated: true)
        try await TestServer.with([profile]) { server in
            let watcher = try server.connect()
            _ = try await watcher.call("session.watch")
            do {
                let client = try server.connect()
                client.request(1, "session.authenticate")
                await profile.gate.reached(by: 1)
            }
            profile.gate.open()
            #expect(try await watcher.next()["params"]?["revision"] == 2)
        }
    }

    @Test("wait answers at once, on the change, on its deadline, and when cancelled")
    func wait() async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile]) { server in
            let client = try server.connect()
            #expect(try await client.call("session.wait", ["until": ["signedOut"]])["result"]?.phase == "signedOut")
            #expect(
                try await client.call("session.wait", ["until": ["active"], "timeoutMs": 10]).kind == "deadlineExceeded"
            )
            client.request(1, "session.wait", ["until": ["active", "stale"]])
            client.request(2, "session.wait", ["until": ["locked"]])
            #expect(try await client.call("server.ping")["result"] != nil)
            profile.publish(phase: .unverified)
            profile.publish(phase: .active)
            #expect(try await client.next()["result"]?.phase == "active")
            client.notify("server.cancel", ["id": 2])
            let cancelled = try await client.next()
            #expect(cancelled["id"] == 2)
            #expect(cancelled.kind == "cancelled")
        }
    }

    @Test("an answer goes to the challenge that is open, with the fields of its kind")
    func challenge() async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile]) { server in
            let client = try server.connect()
            #expect(
                try await client.call("session.answer", ["challenge": "c", "code": "1"]).kind == "challengeNotFound")
            profile.publish { snapshot, _ in snapshot.challenge = Challenge(id: "c", kind: "otp", expiresAt: nil) }
            let missing = try await client.call("session.answer", ["challenge": "c"])
            #expect(missing["error"]?["data"]?["path"] == "code")
            #expect(
                try await client.call("session.answer", ["challenge": "c", "code": "1"])["result"]?["outcome"]
                    == "signedIn")
            #expect(profile.script.withLock { $0.calls } == ["answer c [\"code\"]"])
        }
    }
}
