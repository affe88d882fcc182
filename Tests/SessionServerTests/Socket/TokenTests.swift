import SessionCore
import SessionProtocol
import SessionServer
import Synchronization
import Testing

@Suite("Tokens on the socket")
struct TokenTests {
    private static func signIn(_ profile: FakeProfile, phase: Phase = .active, jwtExpiresAt: Int64?) {
        profile.publish { snapshot, session in
            snapshot.phase = phase
            session = ProviderSession(
                tokens: TokenSet(
                    sessionToken: Secret("st"), sessionJwt: Secret("jwt"), refreshToken: Secret("never"),
                    jwtExpiresAt: jwtExpiresAt))
        }
    }

    @Test("tokens come at once while none needs renewal, and never the refresh token")
    func inline() async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile]) { server in
            let end = server.clock.now().wall + 1000
            Self.signIn(profile, jwtExpiresAt: end)
            let client = try server.connect()
            let expected: JSONValue = [
                "profile": "default", "revision": 2, "stale": false, "expiresAt": nil,
                "tokens": ["sessionToken": "st", "sessionJwt": "jwt"], "jwtExpiresAt": .integer(end),
            ]
            #expect(try await client.call("session.token")["result"] == expected)
            #expect(try await client.call("session.token", ["minValidMs": 1000])["result"] == expected)
            #expect(try await client.call("session.headers")["result"] == ["headers": ["Authorization": "Bearer t"]])
            #expect(profile.script.withLock { $0.calls } == [])
            profile.script.withLock { $0.headers = nil }
            #expect(try await client.call("session.headers").kind == "notSupported")
        }
    }

    @Test("a token with less left than asked for goes through the keeper; one past its end is left out")
    func renewal() async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile]) { server in
            Self.signIn(profile, jwtExpiresAt: server.clock.now().wall + 1000)
            let client = try server.connect()
            #expect(try await client.call("session.token", ["minValidMs": 1001])["result"] != nil)
            #expect(profile.script.withLock { $0.calls } == ["tokens 1001"])
            server.clock.advance(ms: 1000)
            let result = try await client.call("session.token")["result"]
            #expect(result?["tokens"] == ["sessionToken": "st"])
            #expect(result?["jwtExpiresAt"] == nil)
            #expect(profile.script.withLock { $0.calls } == ["tokens 1001", "tokens 0"])
        }
    }

    @Test(
        "without a session the answer says why",
        arguments: [
            (.signedOut, 1002, "notSignedIn"), (.challenged, 1002, "notSignedIn"), (.sealed, 1008, "keyUnavailable"),
        ] as [(Phase, Int64, String)])
    func none(phase: Phase, code: Int64, kind: String) async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile]) { server in
            profile.publish(phase: phase)
            for method in ["session.token", "session.headers"] {
                let answer = try await server.connect().call(method)
                #expect(answer["error"]?["code"] == .integer(code))
                #expect(answer.kind == kind)
            }
        }
    }

    @Test(
        "stale says whether the provider vouches for it at present",
        arguments: [(Phase.active, false), (.locked, false), (.stale, true), (.unverified, true)])
    func stale(phase: Phase, isStale: Bool) async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile]) { server in
            Self.signIn(profile, phase: phase, jwtExpiresAt: nil)
            let answer = try await server.connect().call("session.token")
            #expect(answer["result"]?["stale"] == .bool(isStale))
        }
    }
}
