import FakeServices
import SessionCore
import SessionProtocol
import SessionProviders
import SessionTesting
import Testing

/// The keeper waits for a revocation as long as for any one call: here, as in the daemon, both have the same limit.
@Suite("Many sign-outs within the limit of one call", .timeLimit(.minutes(1)))
struct AgnostBudgetTests {
    @Test("a sign-out that hangs holds up no other and is not taken for done; the next attempt goes on from there")
    func oneHangs() async throws {
        try await AgnostStage.with { stage in
            let id = try await stage.signInMia()
            let stuck = stage.fake.openSession(of: id)
            for _ in 0..<3 { stage.fake.openSession(of: id) }
            let (provider, upstream, session) = stage.slowly()
            upstream.hang("auth/signout", times: 1)
            #expect(await provider.revoke(.all, session: session) == .unreachable())
            #expect(stage.fake.tokens() == [stuck, try #require(stage.token)])
            #expect(await provider.revoke(.all, session: session) == .confirmed && stage.fake.tokens().isEmpty)
        }
    }

    @Test("where all others hang, the call is over in time, and nothing is said to be done")
    func allHang() async throws {
        try await AgnostStage.with { stage in
            let id = try await stage.signInMia()
            for _ in 0..<20 { stage.fake.openSession(of: id) }
            let (provider, upstream, session) = stage.slowly()
            upstream.hang("auth/signout")
            #expect(await provider.revoke(.all, session: session) == .unreachable())
            #expect(stage.fake.tokens().count == 21)
            #expect(upstream.hung.count <= 4, "no hammering")
            #expect(upstream.uptimeMs < upstream.timeoutMs, "the keeper has given up by then")
        }
    }

    @Test(
        "a call for all of them that hangs leaves time to end them one by one, the own one included",
        arguments: [RevocationTarget.all, .others])
    func callForAllHangs(target: RevocationTarget) async throws {
        try await AgnostStage.with { stage in
            let id = try await stage.signInMia()
            for _ in 0..<3 { stage.fake.openSession(of: id) }
            let (provider, upstream, session) = stage.slowly()
            upstream.hang(target == .all ? "auth/signout-all" : "auth/signout-all-except")
            #expect(await provider.revoke(target, session: session) == .confirmed)
            #expect(stage.fake.tokens() == (target == .all ? [] : [try #require(stage.token)]))
            #expect(upstream.uptimeMs < upstream.timeoutMs)
        }
    }

    private static func revoke(_ target: RevocationTarget, _ stage: AgnostStage) async -> RevocationOutcome {
        await stage.provider.revoke(
            target, session: ProviderSession(tokens: TokenSet(sessionToken: Secret(stage.token))))
    }

    @Test("a service that wants fewer requests gets no more")
    func throttled() async throws {
        try await AgnostStage.with { stage in
            let id = try await stage.signInMia()
            for _ in 0..<5 { stage.fake.openSession(of: id) }
            stage.fake.script(
                .none, .all([.error("rate_limit_exceeded"), .header("retry-after", "7")]), on: "auth/signout")
            #expect(await Self.revoke(.all, stage) == .unreachable(retryAfterMs: 7000))
            #expect(stage.fake.calls(on: "auth/signout").count == 2)
        }
    }

    @Test("a session without a token that could end it is not said to have ended")
    func nameless() async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            let own: JSONValue = ["token": .string(stage.token ?? "")]
            for entry in [["userId": "x"], ["userId": "x", "token": ""], ["token": 7]] as [JSONValue] {
                stage.fake.always(.json([entry, own], status: 200), on: "auth/sessions")
                for target in [RevocationTarget.all, .others] {
                    #expect(await Self.revoke(target, stage) == .partly)
                }
            }
            #expect(stage.fake.tokens() == [try #require(stage.token)])
        }
    }

    @Test("one that is listed twice is ended once, and shown once")
    func twins() async throws {
        try await AgnostStage.with { stage in
            let id = try await stage.signInMia()
            let other = JSONValue.string(stage.fake.openSession(of: id))
            let own = JSONValue.string(stage.token ?? "")
            stage.fake.always(
                .json([["token": own], ["token": other], ["token": other], ["token": own]], status: 200),
                on: "auth/sessions")
            #expect(try await stage.keeper.listSessions().map(\.isCurrent) == [true, false])
            #expect(await Self.revoke(.others, stage) == .confirmed)
            #expect(stage.fake.calls(on: "auth/signout").count == 1)
        }
    }
}
