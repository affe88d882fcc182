import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Agnost's word about a session", .timeLimit(.minutes(1)))
struct AgnostHeartbeatTests {
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

    @Test("a hung service is waited for no longer than the limit of a call, and the session is kept")
    func hang() async throws {
        try await AgnostStage.with(.init(callMs: 300)) { stage in
            try await stage.signInMia()
            stage.fake.always(.hang, on: "auth/user")
            let snapshot = await stage.validate()
            #expect(snapshot.phase == .stale && snapshot.heartbeat.lastError?.kind == "upstreamUnavailable")
            #expect(stage.asked == ["GET auth/user"], "what hangs for one call hangs for the other")
        }
    }

    @Test("a heartbeat asks for the user every three minutes, and its changes are seen; nothing extends")
    func heartbeat() async throws {
        try await AgnostStage.with { stage in
            let id = try await stage.signInMia()
            for beat in 1...3 {
                stage.fake.set("visits", to: .integer(Int64(beat)), of: id)
                let due = try #require(stage.snapshot.heartbeat.nextAttemptAt)
                stage.clock.advance(byMs: due - stage.clock.now().wall)
                let now = stage.clock.now().wall
                await stage.profile.until { $0.snapshot.lastValidatedAt == now }
                #expect(stage.snapshot.objects["user"]?.value?["visits"] == .integer(Int64(beat)))
                #expect(stage.snapshot.objects["session"]?.validatedAt == now)
                #expect(stage.snapshot.heartbeat.nextAttemptAt == now + 180_000)
                #expect(stage.asked == Array(repeating: "GET auth/user", count: beat))
            }
            #expect(stage.snapshot.phase == .active && stage.snapshot.expiresAt == nil)
            #expect(stage.snapshot.cause.kind == .validated)
        }
    }

    @Test("that the user has signed in elsewhere is no change to watchers")
    func lastLogin() async throws {
        try await AgnostStage.with { stage in
            let id = try await stage.signInMia()
            let revision = stage.snapshot.revision
            stage.fake.set("lastLoginAt", to: "2030-01-01T00:00:00.000Z", of: id)
            let snapshot = await stage.validate()
            #expect(snapshot.revision == revision && snapshot.cause.kind == .signedIn)
            #expect(snapshot.objects["user"]?.value?["lastLoginAt"] == "2030-01-01T00:00:00.000Z")
        }
    }

    @Test(
        "a session younger than half a minute is asked for once more before it is believed to be gone",
        arguments: [1, 2])
    func youngSession(checks: Int) async throws {
        try await AgnostStage.with { stage in
            stage.addMia()
            stage.fake.choices.checksUntilSeen = checks
            try await stage.signIn()
            stage.fake.forgetCalls()
            async let validated = stage.validate()
            _ = await stage.fake.calls(atLeast: 1, on: "auth/user")
            await stage.clock.sleeperArrives(withinMs: 2000)
            #expect(stage.snapshot.phase == .active)
            stage.clock.advance(byMs: 2000)
            #expect(await validated.phase == (checks == 1 ? .active : .signedOut))
            #expect(stage.asked == ["GET auth/user", "GET auth/user"])
        }
    }

    @Test(
        "the end of a session elsewhere is noticed by the next heartbeat, and leaves nothing behind",
        arguments: ["signed out", "store lost", "secret changed"])
    func endedElsewhere(how: String) async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            switch how {
            case "signed out": stage.fake.revoke(token: try #require(stage.token))
            case "store lost": stage.fake.loseAllSessions()
            default: stage.fake.changeTokenSecret()
            }
            stage.clock.advance(byMs: 180_000)
            let publication = await stage.profile.until { $0.snapshot.phase == .signedOut }
            #expect(publication.snapshot.cause.kind == .endedElsewhere)
            #expect(publication.snapshot.objects["user"] == .unavailable(.signedOut))
            #expect(stage.vault.record(of: "p")?.session == nil)
        }
    }

    @Test("a deleted user's session lives on with the user as it was last seen, until somebody ends it")
    func deletedUser() async throws {
        try await AgnostStage.with { stage in
            let id = try await stage.signInMia()
            let user = stage.snapshot.objects["user"]
            stage.fake.deleteUser(id)
            #expect(await stage.validate().phase == .active)
            #expect(stage.snapshot.objects["user"] == user)
            #expect(stage.asked == ["GET auth/user", "GET auth/sessions"])
            await expectFailure(.upstreamRejected(reason: "user_not_found", status: 404)) {
                try await stage.keeper.fetchUser()
            }
            #expect(stage.snapshot.phase == .active)
            stage.fake.revoke(token: try #require(stage.token))
            #expect(await stage.validate().phase == .signedOut)
        }
    }

    @Test("that the own session is missing in the list means nothing")
    func lostFromList() async throws {
        try await AgnostStage.with { stage in
            let id = try await stage.signInMia()
            stage.fake.loseFromList(token: try #require(stage.token))
            stage.fake.deleteUser(id)
            #expect(await stage.validate().phase == .active)
            #expect(try await stage.keeper.listSessions().isEmpty)
            #expect(stage.snapshot.phase == .active)
        }
    }

    @Test("an answer that comes after the session was replaced, handed in or ended changes nothing")
    func lateAnswer() async throws {
        for change in ["replaced", "revoked", "handed in", "user replaced"] {
            try await AgnostStage.with { stage in
                let id = try await stage.signInMia()
                stage.fake.script(.all([.error("invalid_session_token"), .held]), on: "auth/user")
                async let late = stage.validate()
                _ = await stage.fake.calls(atLeast: 1, on: "auth/user")
                switch change {
                case "replaced": try await stage.signIn()
                case "revoked": _ = try await stage.revoke(.current)
                case "user replaced": _ = try await stage.keeper.updateUser(["name": "M."], expect: nil)
                default:
                    let other = try #require(Secret(stage.fake.openSession(of: id)))
                    _ = try await stage.keeper.update(HandedInSession(sessionToken: other), expect: nil)
                }
                let token = stage.token
                stage.server.release()
                _ = await late
                #expect(stage.token == token)
                if change == "revoked" {
                    #expect(stage.snapshot.phase == .signedOut && stage.snapshot.cause.kind == .revoked)
                } else {
                    #expect(stage.snapshot.phase != .signedOut, "\(change)")
                }
            }
        }
    }

    @Test("one question at a time, however many ask")
    func oneInFlight() async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            stage.fake.script(.held, on: "auth/user")
            async let first = stage.validate()
            _ = await stage.fake.calls(atLeast: 1, on: "auth/user")
            async let second = stage.validate()
            async let third = stage.validate()
            stage.server.release()
            #expect(await [first.phase, second.phase, third.phase] == [.active, .active, .active])
            // Those that came after the answer may have asked again, but none beside another.
            #expect(stage.asked.count <= 3 && Set(stage.asked) == ["GET auth/user"])
        }
    }

    @Test("a restart restores the session at once and asks about it, and a revoked one does not come back")
    func restart() async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            let before = stage.snapshot
            stage.fake.script(.held, on: "auth/user")
            try await stage.restarted { stage in
                #expect(stage.snapshot.phase == .unverified && stage.snapshot.cause.kind == .restored)
                #expect(stage.snapshot.objects == before.objects)
                stage.server.release()
                await stage.profile.until { $0.snapshot.phase == .active }
                stage.fake.revoke(token: try #require(stage.token))
                stage.fake.always(.drop)
                try await stage.restarted { stage in
                    #expect(stage.snapshot.phase == .unverified)
                    stage.fake.unscript()
                    #expect(await stage.validate().phase == .signedOut)
                }
            }
        }
    }

    @Test("sessions have no end: extending one is nothing that Agnost can do, and keepAlive only validates")
    func noExtension() async throws {
        try await AgnostStage.with(.init(keepAlive: true)) { stage in
            try await stage.signInMia()
            await expectFailure(.notSupported(method: "session.authenticate")) {
                try await stage.keeper.authenticate(durationMinutes: 60, expect: nil)
            }
            #expect(await stage.validate().expiresAt == nil)
            #expect(stage.asked == ["GET auth/user"])
        }
    }
}
