import SessionCore
import SessionProtocol
import SessionServer
import Synchronization
import Testing

@Suite("Requests that are answered at once")
struct RequestTests {
    @Test("hello agrees on a version and tells the limits")
    func hello() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            let answer = try await client.call(
                "server.hello", ["client": ["name": "t", "version": "1"], "protocol": ["min": 1, "max": 3]])
            let result = try #require(answer["result"])
            #expect(result["protocol"] == 1)
            #expect(result["instance"] == "i-1")
            #expect(result["server"] == ["name": "sessiond", "version": "1.2.3"])
            #expect(result["limits"]?["maxRequestBytes"] == 65_536)
            #expect(result["limits"]?["maxInFlight"] == 32)
            let refused = try await client.call("server.hello", ["protocol": ["min": 2, "max": 3]])
            #expect(refused.kind == "protocolUnsupported")
            #expect(refused["error"]?["data"]?["supported"] == ["min": 1, "max": 1])
        }
    }

    @Test(
        "ping echoes whatever params it gets",
        arguments: [[:], ["a": [1, ["b": nil]], "profile": 7, "timeoutMs": "x"]] as [JSONValue])
    func ping(params: JSONValue) async throws {
        try await TestServer.with { server in
            let answer = try await server.connect().call("server.ping", params)
            #expect(answer["result"] == params)
        }
    }

    @Test("session.get is the published snapshot, byte for byte the same value")
    func get() async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile]) { server in
            let client = try server.connect()
            #expect(try await client.call("session.get")["result"] == profile.publication.snapshot.json)
            profile.publish(phase: .active)
            #expect(try await client.call("session.get", ["profile": "default"])["result"]?.phase == "active")
            #expect(profile.settleGate.arrivals == 0)
        }
    }

    @Test("a state that time has overtaken is settled before it is served")
    func settle() async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile]) { server in
            let client = try server.connect()
            profile.publish(deadline: Deadline(wall: server.clock.now().wall + 1000, seenAt: server.clock.now())) {
                snapshot, _ in snapshot.phase = .active
            }
            #expect(try await client.call("session.get")["result"]?.phase == "active")
            server.clock.advance(ms: 1000)
            profile.script.withLock { $0.settlesTo = .signedOut }
            #expect(try await client.call("session.get")["result"]?.phase == "signedOut")
            #expect(profile.settleGate.arrivals == 1)
        }
    }

    @Test("a string id comes back as it was, escapes and all")
    func stringID() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            client.write(#"{"jsonrpc":"2.0","id":"a\"\u00e9\n","method":"server.ping","params":[]}"# + "\n")
            #expect(try await client.next() == ["jsonrpc": "2.0", "id": "a\"é\n", "result": [:]])
        }
    }

    @Test(
        "a param that is not in order is named, before anything is done",
        arguments: [
            ("session.get", ["profil": "x"], nil, ["profil"]),
            ("session.get", ["profile": 1], "profile", nil),
            ("session.get", ["profile": nil], "profile", nil),
            ("session.authenticate", ["sessionDurationMinutes": 4], "sessionDurationMinutes", nil),
            ("session.authenticate", ["sessionDurationMinutes": 527_041], "sessionDurationMinutes", nil),
            ("session.authenticate", ["timeoutMs": 0], "timeoutMs", nil),
            ("session.authenticate", ["timeoutMs": 86_400_001], "timeoutMs", nil),
            ("session.authenticate", ["expect": [:]], "expect.revision", nil),
            ("session.authenticate", ["expect": ["revision": 1, "x": 1]], nil, ["expect.x"]),
            ("session.update", ["sessionToken": "a", "session": ["token": "b"]], "session.token", nil),
            ("session.update", ["session": ["token": ""]], "session.token", nil),
            ("session.update", ["session": ["token": "a\r\nb"]], "session.token", nil),
            ("session.update", ["sessionToken": "a\nb"], "sessionToken", nil),
            ("session.update", ["sessionToken": "a", "sessionJwt": "b\u{7F}"], "sessionJwt", nil),
            ("session.update", [:], "sessionToken", nil),
            ("session.update", ["sessionToken": "a", "user": "name"], "user", nil),
            ("session.revoke", ["target": "some"], "target", nil),
            ("session.revoke", ["target": ["id": 5]], "target", nil),
            ("session.exchange", [:], "accessToken", nil),
            ("session.exchange", ["accessToken": "a", "organizationId": "b"], "organizationId", nil),
            ("session.wait", [:], "until", nil),
            ("session.wait", ["until": ["never"]], "until[0]", nil),
            ("session.wait", ["until": []], "until", nil),
            ("session.watch", ["topics": ["nothing"]], "topics[0]", nil),
            ("session.watch", ["all": true, "since": ["instance": "i", "revision": 1]], "since", nil),
            ("session.watch", ["all": true, "profile": "default"], "profile", nil),
            ("session.unwatch", ["subscription": "s9"], "subscription", nil),
            ("session.token", ["minValidMs": 300_001], "minValidMs", nil),
            (
                "session.signUp", ["method": "password", "username": "u", "password": "p", "userData": "text"],
                "userData", nil
            ),
            ("access.check", [:], "required", nil),
            ("access.check", ["resource": "a"], "action", nil),
            ("access.check", ["action": "a"], "resource", nil),
            ("access.check", ["required": "a", "action": "a"], "required", nil),
            ("server.cancel", ["id": true], "id", nil),
            ("server.status", ["profile": "default"], nil, ["profile"]),
            ("session.signIn", ["method": "password", "username": "u"], "password", nil),
            ("session.signIn", ["method": "password", "username": "u", "password": 5], "password", nil),
            ("session.signIn", ["method": "password", "username": "u", "password": ""], "password", nil),
            ("session.signIn", ["method": "password", "username": "u", "password": "p", "code": "1"], nil, ["code"]),
            ("session.signIn", ["method": "magic"], "method", nil),
            ("session.signIn", ["username": "u"], "method", nil),
            ("session.unlock", [:], "password", nil),
            ("user.update", ["user": []], "user", nil),
        ] as [(String, JSONValue, String?, [String]?)])
    func invalidParams(method: String, params: JSONValue, path: String?, unknown: [String]?) async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile]) { server in
            let answer = try await server.connect().call(method, params)
            #expect(answer["error"]?["code"] == -32602)
            let data = answer["error"]?["data"]
            #expect(data?["path"]?.stringValue == path)
            #expect(data?["unknown"]?.arrayValue?.compactMap(\.stringValue) == unknown)
            if path != nil { #expect(data?["expected"]?.stringValue?.isEmpty == false) }
            #expect(profile.script.withLock { $0.calls } == [])
        }
    }

    @Test(
        "what the provider cannot do is said with the wire's name of the method",
        arguments: [
            ("session.lock", [:]), ("session.unlock", ["password": "p"]), ("account.list", [:]),
            ("account.switch", ["accountId": "a"]), ("alerts.list", [:]), ("session.signIn", ["method": "otp"]),
            ("session.signUp", ["method": "magicLink"]), ("session.exchange", ["organizationId": "o"]),
            ("authority.users", [:]),
        ] as [(String, JSONValue)])
    func notSupported(method: String, params: JSONValue) async throws {
        try await TestServer.with { server in
            let answer = try await server.connect().call(method, params)
            #expect(answer.kind == "notSupported")
            #expect(answer["error"]?["data"]?["method"]?.stringValue == method)
            #expect(answer["error"]?["data"]?["provider"] == "embedded")
        }
    }

    @Test("access, alerts, user, lists and status")
    func reads() async throws {
        var traits = ProviderTraits.embedded
        traits.operations.insert(.alerts)
        try await TestServer.with([FakeProfile(traits: traits), FakeProfile("other")]) { server in
            let client = try server.connect()
            func result(_ method: String, _ params: JSONValue = [:]) async throws -> JSONValue? {
                try await client.call(method, params)["result"]
            }
            #expect(try await result("access.check", ["required": "reports:r"])?["allowed"] == true)
            #expect(try await result("access.check", ["required": ""])?["allowed"] == false)
            #expect(try await result("access.check", ["resource": "reports", "action": "r"])?["allowed"] == true)
            #expect(try await result("alerts.list") == ["alerts": [["id": "a-1"]]])
            #expect(try await result("user.get") == ["state": "unavailable", "reason": "signedOut"])
            #expect(try await result("user.fetch")?["value"] == ["name": "Ada"])
            #expect(
                try await result("session.list")
                    == ["sessions": [["id": "s-1", "current": true, "createdAt": 5, "value": ["id": "s-1"]]]])
            let list = try await result("profile.list")?["profiles"]?.arrayValue
            #expect(list?.compactMap { $0["profile"]?.stringValue } == ["default", "other"])
            #expect(list?.compactMap { $0["isDefault"]?.boolValue } == [true, false])
            let status = try await result("server.status")
            #expect(status?["store"] == ["records": 1])
            #expect(status?["connections"] == 1)
            #expect(status?["profiles"]?.arrayValue?.count == 2)
            #expect((status?["counters"]?["requests"]?.integerValue ?? 0) > 7)
            #expect(try await result("server.health")?["status"] == "ok")
        }
    }

    @Test("an unknown method is told with its name, cut")
    func unknownMethod() async throws {
        try await TestServer.with { server in
            let answer = try await server.connect().call(String(repeating: "é", count: 100))
            #expect(answer.kind == "methodNotFound")
            #expect(answer["error"]?["data"]?["method"]?.stringValue?.utf8.count == 128)
        }
    }
}
