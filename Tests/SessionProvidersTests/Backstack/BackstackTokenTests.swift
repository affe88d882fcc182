import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Backstack's jwt", .timeLimit(.minutes(1)))
struct BackstackTokenTests {
    @Test("the jwt of the newest answer is the one that is stored, handed out and used, over a restart")
    func rotation() async throws {
        try await BackstackStage.with { stage in
            try await stage.signInKari()
            let (first, revision) = (stage.jwt, stage.snapshot.revision)
            let token = stage.keeper.publication.topicSequences["token"]
            await stage.validate()
            #expect(stage.jwt != first && stage.snapshot.revision == revision, "rotation alone is no change")
            #expect(stage.keeper.publication.topicSequences["token"] != token)
            #expect(stage.vault.record(of: "p")?.session?.tokens == TokenSet(sessionToken: stage.jwt))
            let tokens = try await stage.keeper.tokens(minValidMs: 300_000).session?.tokens
            #expect(tokens?.sessionToken == stage.jwt && tokens?.sessionJwt == nil && tokens?.jwtExpiresAt == nil)
            let newest = stage.jwt
            stage.fake.forgetCalls()
            try await stage.restarted { stage in
                await stage.profile.until { $0.snapshot.phase == .active }
                #expect(stage.fake.calls().first?.credential == newest)
            }
        }
    }

    @Test(
        "an answer without a usable jwt leaves the one that is held",
        arguments: [
            .remove("jwt"), .set("jwt", nil), .set("jwt", ""), .set("jwt", "undefined"), .set("jwt", "null"),
            .set("jwt", 7), .set("jwt", "a\r\nb"), .set("jwt", "a b"),
        ] as [FakeEffect])
    func withoutJWT(effect: FakeEffect) async throws {
        var setup = BackstackStage.Setup()
        setup.choices.rotates = false
        try await BackstackStage.with(setup) { stage in
            try await stage.signInKari()
            let jwt = stage.jwt
            stage.fake.script(effect, on: "GET /app/session")
            let snapshot = await stage.validate()
            #expect(snapshot.phase == .active && snapshot.heartbeat.lastError == nil)
            #expect(stage.jwt == jwt && jwt != nil)
            await stage.validate()
            #expect(stage.fake.calls().last?.credential == jwt)
        }
    }

    @Test("a service that never replaces the jwt is spoken to with the first one")
    func constant() async throws {
        var setup = BackstackStage.Setup()
        setup.choices.leavesJWTOut = true
        try await BackstackStage.with(setup) { stage in
            let people = stage.settle(accounts: 2)
            try await stage.signIn()
            try await stage.answer(["accountId": people.yard])
            await stage.validate()
            #expect(stage.snapshot.phase == .active)
            _ = try await stage.keeper.lock(expect: nil)
            _ = try await stage.keeper.unlock(password: try #require(Secret(BackstackPeople.password)), expect: nil)
            let credentials = Set(stage.fake.calls().map(\.credential))
            #expect(credentials == [Secret(stage.fake.appKey), stage.jwt])
        }
    }

    @Test("of many callers at once one at a time reaches the service, each with the jwt of the answer before")
    func oneInFlight() async throws {
        try await BackstackStage.with { stage in
            let people = try await stage.signInKari(accounts: 2)
            stage.fake.always(.held)
            let password = try #require(Secret(BackstackPeople.password))
            let callers: [Task<Bool, any Error>] = [
                Task { try await stage.keeper.authenticate(durationMinutes: nil, expect: nil).session != nil },
                Task { try await stage.keeper.listAccounts().accounts.count == 2 },
                Task { try await stage.keeper.switchAccount(id: people.quay, expect: nil).session != nil },
                Task { try await stage.keeper.lock(expect: nil).session != nil },
                Task { try await stage.keeper.unlock(password: password, expect: nil).session != nil },
                Task { try await stage.keeper.authenticate(durationMinutes: nil, expect: nil).session != nil },
            ]
            // The two validations may share one question.
            for count in 1...5 {
                #expect(await stage.fake.calls(atLeast: count).count == count, "one in flight")
                stage.server.release()
            }
            stage.fake.always(nil)
            stage.server.release()
            for caller in callers { #expect(try await caller.value) }
            #expect(stage.fake.calls().allSatisfy { $0.status == 200 }, "none came with a jwt that was replaced")
            #expect(stage.snapshot.phase == .active || stage.snapshot.phase == .locked)
        }
    }

    @Test("a jwt that is handed in is held unverified and confirmed at once; a dead one is found out, and not before")
    func update() async throws {
        try await BackstackStage.with { stage in
            stage.settle()
            try await stage.signIn()
            let jwt = try #require(stage.jwt)
            _ = try await stage.keeper.invalidate(expect: nil)
            stage.fake.script(.held, on: "GET /app/session")
            // A demo that only the client speaks of grants nothing.
            let updated = try await stage.keeper.update(
                HandedInSession(sessionToken: jwt, session: ["demo": true, "jwt": .string(jwt.reveal())]), expect: nil)
            #expect(updated.snapshot.phase == .unverified && updated.snapshot.cause.kind == .updated)
            #expect(stage.object("session") == ["demo": true] && !stage.allows("account-users"))
            #expect(updated.snapshot.objects["access"] == .unavailable(.notProvided))
            stage.server.release()
            await stage.profile.until { $0.snapshot.phase == .active }
            #expect(stage.object("user")?["username"] == "kari" && stage.object("session")?["demo"] == false)
            #expect(stage.allows("account-users:c"))

            _ = try await stage.keeper.update(
                HandedInSession(sessionToken: try #require(Secret("of no session"))), expect: nil)
            await stage.clock.sleeperArrives(withinMs: 2000)
            #expect(stage.snapshot.phase == .unverified, "asked for twice: it was handed in just now")
            stage.clock.advance(byMs: 2000)
            await stage.profile.until { $0.snapshot.cause.kind == .endedElsewhere }
        }
    }

    @Test("the headers of a request to Backstack are those that the daemon sends; signed out there are none")
    func headers() async throws {
        var setup = BackstackStage.Setup.strict
        setup.providerID = "shop-7"
        try await BackstackStage.with(setup) { stage in
            try await stage.signInKari()
            let headers = try #require(stage.keeper.headers(of: stage.keeper.publication))
            #expect(
                headers.mapValues { $0.reveal() } == [
                    "Authorization": stage.jwt?.reveal(), "Content-Type": "application/json", "X-Provider-ID": "shop-7",
                ])
            _ = try await stage.keeper.invalidate(expect: nil)
            #expect(stage.keeper.headers(of: stage.keeper.publication) == nil)
        }
    }

    @Test("an answer that comes after the time for it is dropped, whatever it says")
    func late() async throws {
        var setup = BackstackStage.Setup()
        setup.choices.rotates = false
        setup.limitMs = 10_000
        try await BackstackStage.with(setup) { stage in
            try await stage.signInKari()
            stage.fake.script(.all([.set("auth", false), .held]), on: "GET /app/session")
            async let late = stage.validate()
            _ = await stage.fake.calls(atLeast: 1, on: "GET /app/session")
            stage.clock.advance(byMs: 10_000)
            #expect(await late.phase == .stale)
            try await stage.signIn()
            let (now, jwt) = (stage.snapshot, stage.jwt)
            stage.server.release()
            #expect(await stage.validate().phase == .active)
            #expect(stage.snapshot.revision == now.revision && stage.jwt == jwt)
        }
    }

    @Test("an answer that says nothing else may have replaced the jwt: the new one is stored and used")
    func jwtOfUnreadableAnswer() async throws {
        try await BackstackStage.with { stage in
            try await stage.signInKari()
            let before = stage.jwt
            stage.fake.script(.set("auth", "neither"), on: "GET /app/session")
            #expect(await stage.validate().phase == .stale)
            #expect(stage.jwt != before && stage.vault.record(of: "p")?.session?.tokens.sessionToken == stage.jwt)
            #expect(await stage.validate().phase == .active)
        }
    }
}
