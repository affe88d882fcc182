import FakeServices
import SessionCore
import SessionProtocol
import SessionProviders
import SessionTesting
import Testing

@Suite("How long Agnost wants to be left alone", .timeLimit(.minutes(1)))
struct AgnostRetryAfterTests {
    /// What auth/user and auth/sessions are answered, and how long the next attempt waits, in seconds.
    struct Wish: Sendable, CustomTestStringConvertible {
        var user: FakeEffect
        var sessions: FakeEffect?
        var wait: Int64
        var testDescription: String { "\(user) \(sessions.map { "\($0)" } ?? "")" }
    }

    private static func answer(_ code: String, after header: String, status: Int? = nil) -> FakeEffect {
        .all([.error(code, status: status), .header("retry-after", header)])
    }

    static let wishes: [Wish] = [
        Wish(user: answer("rate_limit_exceeded", after: "20"), wait: 20),
        Wish(user: answer("rate_limit_exceeded", after: "1"), wait: 4),
        Wish(user: answer("rate_limit_exceeded", after: "9999"), wait: 256),
        Wish(user: answer("rate_limit_exceeded", after: "soon"), wait: 4),
        Wish(user: answer("api_server_not_ready", after: "90"), wait: 90),
        Wish(user: answer("suspended_environment", after: "120"), wait: 120),
        Wish(user: .all([.html(status: 403), .header("retry-after", "45")]), wait: 45),
        // Both were asked: the longer wish counts.
        Wish(
            user: answer("internal_server_error", after: "60"), sessions: .error("internal_server_error"), wait: 60),
        Wish(
            user: answer("internal_server_error", after: "60"),
            sessions: answer("rate_limit_exceeded", after: "30"), wait: 60),
        Wish(
            user: answer("internal_server_error", after: "10"),
            sessions: answer("api_server_not_ready", after: "30"), wait: 30),
        Wish(
            user: answer("internal_server_error", after: "50"), sessions: .json([:], status: 200), wait: 50),
    ]

    @Test("a longer Retry-After than the backoff counts, whatever named answer brings it", arguments: wishes)
    func heartbeat(wish: Wish) async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            stage.fake.always(wish.user, on: "auth/user")
            stage.fake.always(wish.sessions, on: "auth/sessions")
            let snapshot = await stage.validate()
            #expect(snapshot.phase == .stale && snapshot.heartbeat.lastError?.kind == "upstreamUnavailable")
            #expect(snapshot.heartbeat.nextAttemptAt == stage.clock.now().wall + wish.wait * 1000)
        }
    }

    @Test("a queued revocation waits as long as the environment that is being deployed asks for")
    func revocation() async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            let session = ProviderSession(tokens: TokenSet(sessionToken: Secret(stage.token)))
            stage.fake.always(Self.answer("api_server_not_ready", after: "90"))
            for target in [RevocationTarget.current, .others, .all] {
                #expect(await stage.provider.revoke(target, session: session) == .unreachable(retryAfterMs: 90_000))
            }
        }
    }
}
