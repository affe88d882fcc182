import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("What Stytch's answers bring", .timeLimit(.minutes(1)))
struct StytchObjectTests {
    @Test(
        "an answer that is odd, new or sparing is read as it is meant, and kept as it came",
        arguments: [
            .set("session.attributes", nil), .remove("session.attributes"), .remove("session.roles"),
            .set("session.roles", []), .set("session.custom_claims", nil), .remove("session.custom_claims"),
            .set("session.a_member_of_next_year", ["x": [1, .number("2.50")]]),
            .set("user.a_member_of_next_year", "new"),
            .set("session.authentication_factors", [["type": "telepathy", "delivery_method": "aura"]]),
            .set("user.status", "hibernating"), .set("user.password", nil), .remove("user.created_at"),
            .set("user.name", nil), .set("session.started_at", nil), .remove("session.last_accessed_at"),
            .remove("request_id"), .remove("status_code"), .set("a_sibling", [:]), .fractionDigits(0),
            .fractionDigits(1), .fractionDigits(3), .fractionDigits(6), .fractionDigits(9),
        ] as [FakeEffect])
    func lenient(effect: FakeEffect) async throws {
        try await StytchStage.with { stage in
            let session = try await stage.signInAda(minutes: 60)
            stage.fake.script(effect, on: "sessions/authenticate")
            let snapshot = await stage.validate()
            #expect(snapshot.phase == .active && snapshot.heartbeat.lastError == nil)
            #expect(snapshot.expiresAt == session.expiresAt)
            let answer = try #require(stage.fake.calls(on: "sessions/authenticate").last?.answer?["data"])
            for name in ["session", "user"] {
                #expect(snapshot.objects[name]?.value == answer[name], "\(name) is the provider's own JSON")
            }
        }
    }

    @Test("empty strings are no tokens: the held ones stay")
    func emptyTokens() async throws {
        try await StytchStage.with { stage in
            try await stage.signInAda()
            let tokens = stage.keeper.publication.session?.tokens
            stage.fake.script(.emptyTokens, on: "sessions/authenticate")
            #expect(await stage.validate().phase == .active)
            #expect(stage.keeper.publication.session?.tokens == tokens)

            stage.fake.script(.emptyTokens, on: "passwords/authenticate")
            let error = await failure {
                try await stage.signIn("password", ["email": "ada@example.org", "password": "correct horse"])
            }
            guard case .upstreamUnavailable? = error else {
                Issue.record("\(String(describing: error)): a session without a token is no session")
                return
            }
            #expect(stage.keeper.publication.session?.tokens == tokens)
        }
    }

    @Test("a session token that is replaced by a validation is the one that is used from then on, over a restart")
    func rotation() async throws {
        try await StytchStage.with { stage in
            let session = try await stage.signInAda()
            stage.fake.rotateTokenOnNextAuthenticate(session.id)
            let revision = stage.snapshot.revision
            await stage.validate()
            let new = try #require(stage.fake.sessions.first?.token)
            #expect(new != session.token && stage.snapshot.revision == revision, "rotation alone is no change")
            #expect(stage.keeper.publication.session?.tokens.sessionToken == Secret(new))
            try await stage.restarted { stage in
                _ = await stage.fake.calls(atLeast: 2, on: "sessions/authenticate")
                await stage.profile.until { $0.snapshot.phase == .active }
                #expect(stage.fake.calls(on: "sessions/authenticate").last?.password == new)
            }
        }
    }

    @Test("a later last_accessed_at alone is no change; another name is")
    func bookkeeping() async throws {
        try await StytchStage.with { stage in
            let session = try await stage.signInAda()
            let first = await stage.validate()
            stage.clock.advance(byMs: 60_000)
            let second = await stage.validate()
            #expect(second.revision == first.revision && second.lastValidatedAt != first.lastValidatedAt)
            stage.fake.set("name", to: ["first_name": "Augusta"], of: session.ownerID)
            let third = await stage.validate()
            #expect(third.revision == first.revision + 1 && third.cause.kind == .validated)
            #expect(third.objects["user"]?.value?["name"]?["first_name"] == "Augusta")
        }
    }

    @Test(
        "the user is read from Stytch's flattened answer, and only the user's age moves",
        arguments: StytchStage.Entrance.allCases)
    func fetchUser(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.init(entrance: entrance)) { stage in
            let session = try await stage.signInAda()
            let before = stage.snapshot
            stage.fake.set("name", to: ["first_name": "Augusta"], of: session.ownerID)
            let info = try await stage.keeper.fetchUser()
            let now = stage.clock.now().wall
            let user = try #require(stage.fake.object(session.ownerID))
            #expect(info == .available(user, lastValidatedAt: now))
            #expect(stage.snapshot.objects["session"] == before.objects["session"])
            // What has that type elsewhere ends a session; here it is an answer about the user.
            stage.fake.script(.error("unauthorized_credentials"))
            let error = await failure { try await stage.keeper.fetchUser() }
            #expect(
                error
                    == (entrance == .sdk
                        ? .upstreamRejected(reason: "unauthorized_credentials", status: 401)
                        : .misconfigured(reason: "unauthorized_credentials")))
            #expect(stage.snapshot.phase == .active)
        }
    }

    @Test("an explicit authenticate without minutes validates, and with minutes sets the end to so long from now")
    func authenticate() async throws {
        try await StytchStage.with { stage in
            let session = try await stage.signInAda(minutes: 60)
            let validated = try await stage.keeper.authenticate(durationMinutes: nil, expect: nil).snapshot
            #expect(validated.expiresAt == session.expiresAt)
            for minutes in [90, 5, 527_040] {
                let extended = try await stage.keeper.authenticate(durationMinutes: minutes, expect: nil).snapshot
                #expect(extended.expiresAt == stage.clock.now().wall + Int64(minutes) * 60_000)
                #expect(extended.cause.kind == .extended)
            }
            stage.fake.choices.maximumSessionMinutes = 60
            let refused = await failure { try await stage.keeper.authenticate(durationMinutes: 61, expect: nil) }
            guard case .upstreamRejected("invalid_session_duration", _)? = refused else {
                Issue.record("\(String(describing: refused))")
                return
            }
            #expect(stage.snapshot.phase == .active)
        }
    }

    @Test("tokens handed in are held unverified and confirmed at once; a dead one is found out, and not before")
    func update() async throws {
        try await StytchStage.with { stage in
            let user = stage.fake.addUser(email: "ada@example.org")
            let session = stage.fake.openSession(of: user)
            stage.fake.script(.held, on: "sessions/authenticate")
            let jwt = Secret(stage.fake.sessionJWT(session.id))
            let updated = try await stage.keeper.update(
                HandedInSession(sessionToken: try #require(Secret(session.token)), sessionJwt: jwt), expect: nil)
            #expect(updated.snapshot.phase == .unverified && updated.snapshot.cause.kind == .updated)
            #expect(updated.snapshot.objects["session"] == .unavailable(.notProvided))
            #expect(updated.session?.tokens.jwtExpiresAt == stage.clock.now().wall + 300_000)
            stage.server.release()
            let confirmed = await stage.profile.until { $0.snapshot.phase == .active }
            #expect(confirmed.snapshot.objects["user"]?.value == stage.fake.object(user))
            #expect(confirmed.snapshot.expiresAt == session.expiresAt)

            _ = try await stage.keeper.update(
                HandedInSession(sessionToken: try #require(Secret("of no session"))), expect: nil)
            await stage.clock.sleeperArrives(withinMs: 2000)
            #expect(stage.snapshot.phase == .unverified, "asked for twice: it was handed in just now")
            stage.clock.advance(byMs: 2000)
            await stage.profile.until { $0.snapshot.cause.kind == .endedElsewhere }
        }
    }

    @Test("tokens handed in and not yet confirmed survive a restart and are confirmed then")
    func updateOverRestart() async throws {
        try await StytchStage.with { stage in
            let session = stage.fake.openSession(of: stage.fake.addUser(email: "ada@example.org"))
            stage.fake.always(.drop)
            _ = try await stage.keeper.update(
                HandedInSession(sessionToken: try #require(Secret(session.token))), expect: nil)
            await stage.profile.until { $0.snapshot.heartbeat.failures > 0 }
            #expect(stage.snapshot.phase == .unverified)
            stage.fake.unscript()
            try await stage.restarted { stage in
                let confirmed = await stage.profile.until { $0.snapshot.phase == .active }
                #expect(confirmed.snapshot.objects["session"]?.value?["session_id"] == .string(session.id))
            }
        }
    }

    @Test("the headers of a request to Stytch are those of its SDKs; with the project's secret there are none to give")
    func headers() async throws {
        try await StytchStage.with { stage in
            let session = try await stage.signInAda()
            let headers = try #require(stage.keeper.headers(of: stage.keeper.publication))
            #expect(Set(headers.keys) == ["Authorization", "Content-Type", "X-SDK-Client"])
            await stage.validate()
            let call = try #require(stage.fake.calls(on: "sessions/authenticate").last)
            #expect(headers["Authorization"] == call.headers["authorization"].flatMap { Secret($0) })
            #expect(call.password == session.token)
        }
        try await StytchStage.with(.init(entrance: .server)) { stage in
            try await stage.signInAda()
            #expect(stage.keeper.headers(of: stage.keeper.publication) == nil)
        }
    }
}
