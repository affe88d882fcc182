import FakeServices
import SessionCore
import SessionProtocol
import SessionProviders
import SessionTesting
import Testing

@Suite("Agnost's heartbeat", .timeLimit(.minutes(1)))
struct AgnostHeartbeatTests {
    @Test("a hung service is waited for no longer than the limit of a call, and the session is kept")
    func hang() async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            let (provider, upstream, session) = stage.slowly()
            upstream.hang("auth/user")
            guard case .unreachable = await provider.validate(session) else {
                Issue.record("a service that hangs is out of reach")
                return
            }
            #expect(upstream.hung == ["auth/user"] && stage.asked == [], "what hangs for one call hangs for the other")
            #expect(upstream.uptimeMs == upstream.timeoutMs)
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
        for change in ["replaced", "revoked", "handed in"] {
            try await AgnostStage.with { stage in
                let id = try await stage.signInMia()
                stage.fake.script(.all([.error("invalid_session_token"), .held]), on: "auth/user")
                async let late = stage.validate()
                _ = await stage.fake.calls(atLeast: 1, on: "auth/user")
                switch change {
                case "replaced": try await stage.signIn()
                case "revoked": _ = try await stage.revoke(.current)
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

    @Test("a text that was cut inside an emoji is read all the same")
    func loneSurrogate() async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            let body = #"{"_id":"x","name":"Mia \ud83d"}"#
            stage.fake.always(.text(body, type: "application/json", status: 200), on: "auth/user")
            #expect(await stage.validate().phase == .active)
            #expect(stage.snapshot.objects["user"]?.value?["name"] == "Mia \u{FFFD}")
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
