import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("What Agnost's answers say about a session", .timeLimit(.minutes(1)))
struct AgnostVerdictTests {
    /// The answer to auth/user and to auth/sessions, and what becomes of a session that is older than half a minute.
    struct Verdict: Sendable, CustomTestStringConvertible {
        var effect: FakeEffect
        /// nil: the service's own answer.
        var sessions: FakeEffect?
        var phase: Phase
        var cause: Cause.Kind
        var lastError: String?
        /// The error of an explicit `session.authenticate`.
        var error: KeeperError?

        static func gone(_ effect: FakeEffect, _ sessions: FakeEffect? = nil) -> Verdict {
            Verdict(effect: effect, sessions: sessions, phase: .signedOut, cause: .endedElsewhere)
        }
        /// Confirmed, and the user kept with its age.
        static func withoutUser(_ effect: FakeEffect) -> Verdict {
            Verdict(effect: effect, phase: .active, cause: .signedIn)
        }
        static func kept(_ effect: FakeEffect, _ sessions: FakeEffect? = nil) -> Verdict {
            Verdict(
                effect: effect, sessions: sessions, phase: .stale, cause: .upstreamUnavailable,
                lastError: "upstreamUnavailable", error: .upstreamUnavailable(nextAttemptAt: nil))
        }
        static func refused(_ code: String, _ status: Int, _ sessions: FakeEffect? = nil) -> Verdict {
            Verdict(
                effect: .error(code, status: status), sessions: sessions, phase: .stale, cause: .upstreamUnavailable,
                lastError: "upstreamUnavailable", error: .upstreamRejected(reason: code, status: status))
        }
        static func misconfigured(_ code: String, _ status: Int, _ sessions: FakeEffect? = nil) -> Verdict {
            Verdict(
                effect: .error(code, status: status), sessions: sessions, phase: .stale, cause: .misconfigured,
                lastError: "misconfigured", error: .misconfigured(reason: code))
        }
        var testDescription: String { "\(effect) \(sessions.map { "\($0)" } ?? "")" }
    }

    static let broken: FakeEffect = .error("internal_server_error")
    static func errors(_ codes: String...) -> JSONValue {
        ["errors": .array(codes.map { ["origin": "client_error", "code": .string($0), "message": "composed"] })]
    }

    static let verdicts: [Verdict] = [
        // Gone: 401, one of two codes, and the token was in the request.
        .gone(.error("invalid_session_token")), .gone(.error("missing_session_token")),
        .gone(.json(errors("something_else", "invalid_session_token"), status: 401)),
        .gone(.json(["errors": ["code": "invalid_session_token"]], status: 401)),
        .gone(.json([["code": "invalid_session_token"]], status: 401)),
        .gone(.json(["code": "invalid_session_token"], status: 401)),
        .gone(broken, .error("invalid_session_token")),
        .gone(.error("user_not_found"), .error("missing_session_token")),

        // The same codes with another status are about something else.
        .refused("invalid_session_token", 403), .refused("missing_session_token", 403),
        .refused("invalid_session_token", 404, .error("invalid_session_token", status: 404)),
        .kept(.error("invalid_session_token", status: 500), .error("invalid_session_token", status: 500)),

        // The user's row or the database, and not the session.
        .withoutUser(.error("user_not_found")), .withoutUser(broken), .withoutUser(.html(status: 502)),
        .withoutUser(.error("validation_error")), .withoutUser(.empty(status: 503)),

        // An administrator must mend it.
        .misconfigured("missing_api_key", 401), .misconfigured("invalid_api_key", 401),
        .misconfigured("endpoints_not_allowed", 401), .misconfigured("endpoint_not_allowed", 401),
        .misconfigured("missing_request_origin", 401), .misconfigured("domain_not_authorized", 401),
        .misconfigured("missing_client_IP", 401), .misconfigured("ip_not_authorized", 401),
        .misconfigured("expired_api_key", 403), .misconfigured("missing_auth_user_data_model_config", 400),
        .misconfigured("missing_auth_user_data_model", 400), .misconfigured("invalid_auth_user_data_model", 400),
        .misconfigured("resource_not_found", 404), .misconfigured("resource_not_found", 404, broken),

        // Trouble that passes.
        .kept(.error("api_server_not_ready")), .kept(.error("suspended_environment")),
        .kept(.error("rate_limit_exceeded")), .kept(broken, broken), .kept(.html(status: 502), .html(status: 502)),
        .kept(broken, .drop), .kept(broken, .json([:], status: 200)), .kept(broken, .error("api_server_not_ready")),
        .kept(.drop), .kept(.lost), .kept(.truncated(after: 10)), .kept(.padded(bytes: 800_000)),

        // Neither yes nor no.
        .refused("not_allowed", 401), .refused("a_code_of_next_year", 401), .refused("a_code_of_next_year", 403),
        .refused("invalid_credentials", 401), .kept(.html(status: 401)), .kept(.html(status: 403)),
        .kept(.html(status: 404)),
        .kept(.empty(status: 401)), .kept(.json([:], status: 401)), .kept(.json(["errors": []], status: 401)),
        .kept(.json(["errors": [["code": "Not A Code ¿"]]], status: 401)),
        .kept(.json(["errors": [["code": 7]]], status: 401)), .kept(.redirect(to: "https://example.test/")),

        // A success that says nothing about a user.
        .kept(.html(status: 200)), .kept(.empty(status: 200)), .kept(.json([:], status: 200)),
        .kept(.json([], status: 200)), .kept(.text("null", type: "application/json", status: 200)),
        .kept(.text("{\"_id\":", type: "application/json", status: 200)), .kept(.remove("_id")),
        .kept(.set("_id", "")),
    ]

    @Test("what ends a session and what keeps it", arguments: verdicts)
    func verdict(verdict: Verdict) async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            let before = stage.snapshot
            let token = stage.token
            // Always: a question that met a closing connection is asked once more.
            stage.fake.always(verdict.effect, on: "auth/user")
            stage.fake.always(verdict.sessions, on: "auth/sessions")
            let error = await failure { try await stage.keeper.authenticate(durationMinutes: nil, expect: nil) }
            stage.fake.unscript()
            let after = stage.snapshot
            #expect(after.phase == verdict.phase && after.cause.kind == verdict.cause)
            #expect(after.heartbeat.lastError?.kind == verdict.lastError)
            switch (error, verdict.error) {
            case (.upstreamUnavailable, .upstreamUnavailable): break
            case (let error, let expected): #expect(error == expected)
            }
            switch verdict.phase {
            case .signedOut:
                #expect(stage.token == nil && stage.vault.record(of: "p")?.session == nil)
            case .active:
                #expect(stage.token == token && after.lastValidatedAt == stage.clock.now().wall)
                #expect(after.objects["user"] == before.objects["user"])
                #expect(after.objects["session"]?.value == before.objects["session"]?.value)
                #expect(after.objects["session"]?.validatedAt == stage.clock.now().wall)
            default:
                #expect(after.objects == before.objects && after.expiresAt == nil)
                #expect(stage.token == token && after.lastValidatedAt == before.lastValidatedAt)
                // It comes back by itself.
                let healed = await stage.validate()
                #expect(healed.phase == .active && healed.cause.kind == .validated && healed.heartbeat.failures == 0)
            }
        }
    }
}
