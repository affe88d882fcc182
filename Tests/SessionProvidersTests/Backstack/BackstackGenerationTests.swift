import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("The third generation of Backstack's API", .timeLimit(.minutes(1)))
struct BackstackGenerationTests {
    @Test("envelopes are opened and X-JWT is the jwt, of every answer", arguments: ["data", "payload"], [true, false])
    func enveloped(member: String, emptyMapsAsArrays: Bool) async throws {
        var setup = BackstackStage.Setup.strict
        setup.choices.generation = .enveloped(member)
        setup.choices.emptyMapsAsArrays = emptyMapsAsArrays
        try await BackstackStage.with(setup) { stage in
            let people = try await stage.signInKari(accounts: 2)
            #expect(stage.object("account")?["id"] == .string(people.yard) && stage.object("access")?["cards"] == "ru")
            #expect(await stage.validate().phase == .active)
            // An answer that is no session brings a jwt too, and the one before is dead.
            let jwt = stage.jwt
            _ = try await stage.keeper.listAccounts()
            #expect(stage.jwt != jwt && stage.vault.record(of: "p")?.session?.tokens.sessionToken == stage.jwt)
            _ = try await stage.keeper.lock(expect: nil)
            let wrong = await failure {
                try await stage.keeper.unlock(password: try #require(Secret("wrong")), expect: nil)
            }
            #expect(wrong == .upstreamRejected(reason: "invalid_credentials", status: 400))
            _ = try await stage.keeper.unlock(password: try #require(Secret(BackstackPeople.password)), expect: nil)
            #expect(stage.snapshot.phase == .active)
            stage.fake.script(.error("401"), .error("401"), on: "GET /app/session")
            #expect(await stage.validate().heartbeat.lastError?.kind == "misconfigured")
            #expect(await stage.validate().phase == .active)
            #expect(try await stage.keeper.revoke(.current, force: false, expect: nil).isConfirmed)
            #expect(stage.fake.calls(on: "GET /app/logout").map(\.status) == [200])
        }
    }

    @Test("a jwt in the envelope as well is no part of the session object")
    func twice() async throws {
        var setup = BackstackStage.Setup.strict
        setup.choices.generation = .enveloped("data")
        setup.choices.putsJWTInEnvelope = true
        try await BackstackStage.with(setup) { stage in
            try await stage.signInKari()
            await stage.validate()
            #expect(stage.object("session")?.objectValue?.keys.contains("jwt") == false)
            #expect(stage.snapshot.phase == .active)
        }
    }

    @Test("a session that is stale is asked for again at once, and only once")
    func stale() async throws {
        try await BackstackStage.with { stage in
            let people = try await stage.signInKari()
            stage.fake.always(.header("X-Session-Status", "stale"), on: "GET /app/session")
            #expect(await stage.validate().phase == .active)
            #expect(stage.fake.calls().count == 2)
            let jwt = stage.jwt
            // Of the two answers the second counts, also where it says that nobody is signed in.
            stage.fake.forgetCalls()
            stage.fake.script(
                .header("X-Session-Status", "STALE"), .set("account.counters", ["scans": 99]), on: "GET /app/session")
            await stage.validate()
            #expect(stage.object("account")?["counters"] == ["scans": 99] && stage.fake.calls().count == 2)
            #expect(stage.jwt != jwt)
            // The first where the second is unusable.
            stage.fake.script(.header("X-Session-Status", "stale"), .error("500"), on: "GET /app/session")
            #expect(await stage.validate().heartbeat.lastError == nil)
            #expect(stage.object("account")?["counters"] == ["scans": 12])
            for status in ["current", "auth", "of next year"] {
                stage.fake.forgetCalls()
                stage.fake.script(.header("X-Session-Status", status), on: "GET /app/session")
                #expect(await stage.validate().phase == .active && stage.fake.calls().count == 1, "\(status)")
            }
            stage.fake.script(.header("X-Session-Status", "stale"), .set("auth", false), on: "GET /app/session")
            #expect(await stage.validate().phase == .signedOut)
            _ = people
        }
    }

    @Test("a list of accounts that comes with a stale session has it validated at once")
    func staleBesideAList() async throws {
        var setup = BackstackStage.Setup.strict
        setup.choices.generation = .enveloped("data")
        try await BackstackStage.with(setup) { stage in
            let people = try await stage.signInKari(accounts: 2)
            stage.fake.set("counters.scans", to: 77, of: people.yard)
            _ = try await stage.keeper.listAccounts()
            await stage.profile.until {
                $0.snapshot.objects["account"]?.value?["counters"]?["scans"] == 77
            }
            #expect(stage.fake.calls().map(\.path) == ["/user/change-account", "/app/session"])
        }
    }
}
