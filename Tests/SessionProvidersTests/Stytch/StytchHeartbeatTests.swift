import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Stytch's word about a session", .timeLimit(.minutes(1)))
struct StytchHeartbeatTests {
    /// An answer to sessions/authenticate, and what becomes of a session that is older than half a minute.
    struct Verdict: Sendable, CustomTestStringConvertible {
        var effect: FakeEffect
        var phase: Phase
        var cause: Cause.Kind
        var lastError: String?
        /// The error of an explicit `session.authenticate`.
        var error: KeeperError?

        static func gone(_ effect: FakeEffect) -> Verdict {
            Verdict(effect: effect, phase: .signedOut, cause: .endedElsewhere)
        }
        static func kept(_ effect: FakeEffect) -> Verdict {
            Verdict(
                effect: effect, phase: .stale, cause: .upstreamUnavailable, lastError: "upstreamUnavailable",
                error: .upstreamUnavailable(nextAttemptAt: nil))
        }
        static func refused(_ type: String, _ status: Int, _ effect: FakeEffect? = nil) -> Verdict {
            Verdict(
                effect: effect ?? .error(type, status: status), phase: .stale, cause: .upstreamUnavailable,
                lastError: "upstreamUnavailable", error: .upstreamRejected(reason: type, status: status))
        }
        static func misconfigured(_ type: String, status: Int? = nil) -> Verdict {
            Verdict(
                effect: .error(type, status: status), phase: .stale, cause: .misconfigured, lastError: "misconfigured",
                error: .misconfigured(reason: type))
        }
        var testDescription: String { "\(effect)" }
    }

    /// Sections 4 and 5 of what is known of the API, for apps.
    static let forApps: [Verdict] = [
        .gone(.error("session_not_found", status: 404)), .gone(.error("unauthorized_credentials", status: 401)),
        .gone(.error("user_unauthenticated", status: 401)), .gone(.error("invalid_secret_authentication", status: 401)),
        // The type decides, not the status; some errors lack an id, some come as plain text.
        .gone(.error("session_not_found", status: 401)), .gone(.error("session_not_found", status: 500)),
        .gone(.error("unauthorized_credentials", status: 400)), .gone(.plainTextError("session_not_found")),
        .gone(.error("session_not_found", details: ["request_id": nil, "error_url": nil, "error_message": nil])),

        .refused("attribute_mismatch", 401), .refused("insufficient_factors", 401),
        .refused("unauthorized_action", 401), .refused("unable_to_auth_otp_code", 401),
        .refused("unauthorized_credentials_homepage", 401), .refused("enterprise_endpoint", 401),
        .refused("session_authorization_error", 403), .refused("consumer_session_authorization_error", 403),
        .refused("organization_suspended", 403), .refused("captcha_required", 403),
        .refused("captcha_required", 403, .captchaRequired), .refused("user_not_found", 404),
        .refused("member_not_found", 404), .refused("route_not_found", 404),
        .refused("invalid_request", 400, .schemaError(member: "session_duration_minutes")),
        .refused("invalid_grant", 400, .oauthError("invalid_grant", status: 400)),
        .refused("a_type_of_next_month", 401), .refused("invalid_session_token", 401),

        .misconfigured("bad_app_bundle_for_stytch_sdk", status: 400), .misconfigured("bad_domain_for_stytch_sdk"),
        .misconfigured("bad_vertical_for_stytch_sdk"), .misconfigured("endpoint_not_authorized_for_sdk", status: 401),
        .misconfigured("invalid_public_token_id"), .misconfigured("public_token_not_found"),
        .misconfigured("project_not_found"), .misconfigured("invalid_project_id_authentication", status: 400),
        .misconfigured("cname_required_for_http_only_cookies", status: 401),
        .misconfigured("cname_invalid_for_http_only_cookies", status: 401),

        .kept(.drop), .kept(.lost), .kept(.truncated(after: 10)), .kept(.tooManyRequests(retryAfter: nil)),
        .kept(.tooManyRequests(retryAfter: "20")), .kept(.error("internal_server_error", status: 500)),
        .kept(.error("server_unavailable", status: 503)), .kept(.error("client_closed_request", status: 499)),
        .kept(.error("search_timeout", status: 408)), .kept(.error("password_validation_timeout", status: 408)),
        .kept(.html(status: 200)), .kept(.html(status: 401)), .kept(.html(status: 403)), .kept(.html(status: 502)),
        .kept(.empty(status: 200)), .kept(.empty(status: 204)), .kept(.empty(status: 401)),
        .kept(.json([:], status: 200)), .kept(.json([], status: 200)), .kept(.json(["data": [:]], status: 200)),
        .kept(.json(["data": nil], status: 200)), .kept(.text("null", type: "application/json", status: 200)),
        .kept(.text("{\"data\":{\"session\":", type: "application/json", status: 200)),
        .kept(.json(["error_type": "Not A Type ¿"], status: 401)), .kept(.json(["error_type": 7], status: 404)),
        .kept(.redirect(to: "https://stytch.com/")), .kept(.withoutEnvelope), .kept(.set("session", nil)),
        .kept(.set("session", "session_not_found")),
        .kept(.json(["data": ["session": [:]]], status: 200)), .kept(.remove("session.session_id")),
        .kept(.padded(bytes: 800_000)),
        // An answer about somebody else's session is none.
        .kept(.set("session.session_id", "session-test-another")),
    ]

    static let forMembers: [Verdict] = [
        .gone(.error("session_not_found")), .gone(.error("unauthorized_credentials")),
        .refused("organization_suspended", 403), .refused("session_authorization_tenancy_error", 403),
        .misconfigured("bad_vertical_for_stytch_sdk"), .kept(.drop), .kept(.html(status: 502)),
        .kept(.set("member_session", nil)), .kept(.set("member_session.member_session_id", "another")),
    ]

    /// Where the types are about the project's secret.
    static let forServers: [Verdict] = [
        .gone(.error("session_not_found", status: 404)), .gone(.error("invalid_session_token", status: 400)),
        .gone(.error("unable_to_parse_session_jwt", status: 400)),
        .misconfigured("unauthorized_credentials", status: 401),
        .misconfigured("invalid_secret_authentication", status: 401),
        .misconfigured("invalid_project_id_authentication", status: 400), .misconfigured("project_not_found"),
        .refused("user_unauthenticated", 401), .refused("unauthorized_action", 401),
        .kept(.html(status: 401)), .kept(.error("internal_server_error", status: 500)), .kept(.drop),
        .kept(.json([:], status: 200)),
    ]

    @Test("what ends a session and what keeps it, for apps", arguments: forApps)
    func apps(verdict: Verdict) async throws { try await check(verdict, .init()) }

    @Test("what ends a session and what keeps it, with the project's secret", arguments: forServers)
    func servers(verdict: Verdict) async throws { try await check(verdict, .init(entrance: .server)) }

    @Test("the same for a member", arguments: forMembers)
    func members(verdict: Verdict) async throws { try await check(verdict, .init(product: .b2b)) }

    private func check(_ verdict: Verdict, _ setup: StytchStage.Setup) async throws {
        try await StytchStage.with(setup) { stage in
            try await stage.signInAda()
            let before = stage.snapshot
            let tokens = stage.keeper.publication.session?.tokens
            // Always: a question that met a closing connection is asked once more.
            stage.fake.always(verdict.effect, on: "sessions/authenticate")
            let error = await failure { try await stage.keeper.authenticate(durationMinutes: nil, expect: nil) }
            stage.fake.unscript()
            let after = stage.snapshot
            #expect(after.phase == verdict.phase && after.cause.kind == verdict.cause)
            #expect(after.heartbeat.lastError?.kind == verdict.lastError)
            switch (error, verdict.error) {
            case (.upstreamUnavailable, .upstreamUnavailable): break
            case (let error, let expected): #expect(error == expected)
            }
            if verdict.phase == .stale {
                #expect(after.objects == before.objects && after.expiresAt == before.expiresAt)
                #expect(stage.keeper.publication.session?.tokens == tokens)
                #expect(after.lastValidatedAt == before.lastValidatedAt)
                // It comes back by itself.
                let healed = await stage.validate()
                #expect(healed.phase == .active && healed.cause.kind == .validated && healed.heartbeat.failures == 0)
            } else {
                #expect(stage.keeper.publication.session == nil)
            }
        }
    }

    @Test(
        "a session that Stytch has ended is noticed by the next heartbeat, whichever of the two errors says so",
        arguments: ["session_not_found", "unauthorized_credentials"], [true, false])
    func endedElsewhere(error: String, hasExpired: Bool) async throws {
        try await StytchStage.with { stage in
            stage.fake.choices.whenRevoked = error
            stage.fake.choices.whenExpired = error
            let session = try await stage.signInAda()
            if hasExpired {
                stage.fake.moveExpiry(of: session.id, to: stage.clock.now().wall - 1)
            } else {
                stage.fake.revoke(sessionID: session.id)
            }
            stage.clock.advance(byMs: 180_000)
            let publication = await stage.profile.until { $0.snapshot.phase == .signedOut }
            #expect(publication.snapshot.cause.kind == .endedElsewhere)
            #expect(publication.snapshot.objects["user"] == .unavailable(.signedOut))
            #expect(stage.vault.record(of: "p")?.session == nil)
        }
    }

    @Test("a session younger than half a minute is asked for once more before it is believed to be gone")
    func youngSession() async throws {
        try await StytchStage.with { stage in
            stage.fake.addUser(email: "ada@example.org", password: "correct horse")
            try await stage.signIn("password", ["email": "ada@example.org", "password": "correct horse"])
            stage.fake.forgetCalls()
            stage.fake.script(.error("session_not_found"), on: "sessions/authenticate")
            async let validated = stage.validate()
            _ = await stage.fake.calls(atLeast: 1, on: "sessions/authenticate")
            await stage.clock.sleeperArrives(withinMs: 2000)
            stage.clock.advance(byMs: 2000)
            #expect(await validated.phase == .active)
            #expect(stage.fake.calls(on: "sessions/authenticate").count == 2)
        }
    }

    @Test("a heartbeat every three minutes; it validates and never extends")
    func interval() async throws {
        try await StytchStage.with { stage in
            try await stage.signInAda(minutes: 60)
            let end = stage.snapshot.expiresAt
            for beat in 1...3 {
                let due = try #require(stage.snapshot.heartbeat.nextAttemptAt)
                stage.clock.advance(byMs: due - stage.clock.now().wall)
                let calls = await stage.fake.calls(atLeast: beat, on: "sessions/authenticate")
                #expect(calls.count == beat && calls.allSatisfy { $0.body == [:] })
                let now = stage.clock.now().wall
                await stage.profile.until { $0.snapshot.lastValidatedAt == now }
                #expect(stage.snapshot.heartbeat.nextAttemptAt == now + 180_000)
            }
            #expect(stage.snapshot.expiresAt == end && stage.snapshot.phase == .active)
        }
    }

    @Test("keepAlive extends by the profile's duration with every heartbeat")
    func keepAlive() async throws {
        var setup = StytchStage.Setup()
        setup.keepAlive = true
        setup.sessionDurationMinutes = 30
        try await StytchStage.with(setup) { stage in
            try await stage.signInAda(minutes: nil)
            let snapshot = await stage.validate()
            #expect(stage.fake.calls(on: "sessions/authenticate").last?.body == ["session_duration_minutes": 30])
            #expect(snapshot.expiresAt == stage.clock.now().wall + 1_800_000)
        }
    }

    @Test("keepAlive with more minutes than Stytch allows still validates, and the session is not said to fail")
    func keepAliveTooLong() async throws {
        var setup = StytchStage.Setup()
        setup.keepAlive = true
        setup.sessionDurationMinutes = 600
        try await StytchStage.with(setup) { stage in
            let session = try await stage.signInAda(minutes: 30)
            stage.fake.choices.maximumSessionMinutes = 60
            let snapshot = await stage.validate()
            #expect(snapshot.phase == .active && snapshot.heartbeat.lastError == nil)
            #expect(snapshot.expiresAt == session.expiresAt)
        }
    }

    @Test("where answers replace tokens, calls that cross do not end the session")
    func crossingRotations() async throws {
        try await StytchStage.with { stage in
            try await stage.signInAda()
            stage.fake.choices.rotatesTokens = true
            stage.fake.script(.held, on: "sessions/authenticate")
            async let validated = stage.validate()
            _ = await stage.fake.calls(atLeast: 1, on: "sessions/authenticate")
            _ = try await stage.keeper.updateUser(["name": "mine"], expect: nil)
            stage.server.release()
            #expect(await validated.phase == .active, "a local change while the token is replaced")

            stage.fake.forgetCalls()
            stage.fake.script(.held, on: "sessions/authenticate")
            async let extended = stage.keeper.authenticate(durationMinutes: 90, expect: nil)
            _ = await stage.fake.calls(atLeast: 1, on: "sessions/authenticate")
            async let asked = stage.validate()
            _ = await stage.fake.calls(atLeast: 2, on: "sessions/authenticate")
            stage.server.release()
            _ = try await extended
            #expect(await asked.phase == .active, "a question with the token that an extension has replaced")
        }
    }

    @Test("a session ends at expires_at by the daemon's own timer, while Stytch cannot be reached")
    func expiry() async throws {
        try await StytchStage.with { stage in
            try await stage.signInAda(minutes: 5)
            stage.fake.always(.drop)
            stage.clock.advance(byMs: 269_000)
            let publication = await stage.profile.until { $0.snapshot.phase == .signedOut }
            #expect(publication.snapshot.cause.kind == .expired)
            #expect(publication.snapshot.objects["session"] == .unavailable(.expired))
        }
    }

    @Test("the wait after a failure doubles from 4 to 256 seconds, and a longer Retry-After counts")
    func backoff() async throws {
        try await StytchStage.with { stage in
            try await stage.signInAda(minutes: 60)
            stage.fake.always(.error("internal_server_error"), on: "sessions/authenticate")
            for wait in [4, 8, 16, 32, 64, 128, 256, 256] as [Int64] {
                let snapshot = await stage.validate()
                #expect(snapshot.heartbeat.nextAttemptAt == stage.clock.now().wall + wait * 1000)
            }
            stage.fake.unscript()
            await stage.validate()
            for (header, wait) in [("20", 20_000), ("3", 8000), ("9999", 256_000)] as [(String, Int64)] {
                stage.fake.script(.tooManyRequests(retryAfter: header), on: "sessions/authenticate")
                let snapshot = await stage.validate()
                #expect(snapshot.heartbeat.nextAttemptAt == stage.clock.now().wall + wait, "\(header)")
            }
        }
    }

    @Test("an answer that comes after the session was extended, replaced or ended changes nothing")
    func lateAnswer() async throws {
        for change in ["extended", "replaced", "revoked", "handed in"] {
            try await StytchStage.with { stage in
                let session = try await stage.signInAda(minutes: 60)
                stage.fake.script(.all([.error("session_not_found"), .held]), on: "sessions/authenticate")
                async let late = stage.validate()
                _ = await stage.fake.calls(atLeast: 1, on: "sessions/authenticate")
                switch change {
                case "extended": _ = try await stage.keeper.authenticate(durationMinutes: 90, expect: nil)
                case "replaced":
                    try await stage.signIn(
                        "password", ["email": "ada@example.org", "password": "correct horse"], minutes: 90)
                case "revoked": _ = try await stage.keeper.revoke(.current, force: false, expect: nil)
                default:
                    let other = stage.fake.openSession(of: session.ownerID)
                    _ = try await stage.keeper.update(
                        HandedInSession(sessionToken: try #require(Secret(other.token))), expect: nil)
                }
                let now = stage.snapshot
                stage.server.release()
                _ = await late
                let after = stage.snapshot
                if change == "revoked" {
                    #expect(after.phase == .signedOut && after.cause.kind == .revoked)
                } else {
                    #expect(after.phase != .signedOut && after.cause.kind != .endedElsewhere, "\(change)")
                    #expect(after.expiresAt == now.expiresAt || change == "handed in")
                }
            }
        }
    }
}
