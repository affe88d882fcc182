import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Backstack's word about a session", .timeLimit(.minutes(1)))
struct BackstackHeartbeatTests {
    /// An answer to GET /app/session as the jwt, and what becomes of a session that is older than half a minute.
    struct Verdict: Sendable, CustomTestStringConvertible {
        var effect: FakeEffect
        /// nil: it is kept.
        var ended: Cause.Kind?
        /// Of an explicit `session.authenticate`; nil: out of reach.
        var error: KeeperError?
        var testDescription: String { "\(effect)" }

        static func kept(_ effect: FakeEffect) -> Verdict { Verdict(effect: effect) }
        static func misconfigured(_ effect: FakeEffect, _ reason: String) -> Verdict {
            Verdict(effect: effect, error: .misconfigured(reason: reason))
        }
        static func refused(_ effect: FakeEffect, _ reason: String, _ status: Int) -> Verdict {
            Verdict(effect: effect, error: .upstreamRejected(reason: reason, status: status))
        }
    }

    static let verdicts: [Verdict] = [
        .kept(.drop), .kept(.lost), .kept(.truncated(after: 10)), .kept(.error("429")), .kept(.error("500")),
        .kept(.error("502")), .kept(.error("503")), .kept(.error("408", status: 408)), .kept(.html(status: 200)),
        .kept(.html(status: 401)), .kept(.html(status: 403)), .kept(.html(status: 404)), .kept(.html(status: 502)),
        .kept(.empty(status: 200)), .kept(.empty(status: 204)), .kept(.empty(status: 401)),
        .kept(.redirect(to: "https://backstack.com/")), .kept(.json([:], status: 200)), .kept(.json([], status: 200)),
        .kept(.json([], status: 401)), .kept(.text("null", type: "application/json", status: 200)),
        .kept(.text("{\"auth\":fal", type: "application/json", status: 200)), .kept(.remove("auth")),
        .kept(.set("auth", nil)), .kept(.set("auth", [])), .kept(.set("auth", [:])), .kept(.set("auth", 0)),
        .kept(.set("auth", "false")), .kept(.set("auth", ["select_account": ["accounts": []]])),
        .kept(.padded(bytes: 800_000)), .kept(.json(["error": ["code": 500, "type": "system"]], status: 200)),
        .misconfigured(.error("403"), "permission_lacking"), .misconfigured(.error("404"), "unknown_resource"),
        .misconfigured(.json(["error": ["code": 403]], status: 200), "permission_lacking"),
        .misconfigured(.json(["success": false, "payload": ["code": 403]], status: 200), "permission_lacking"),
        .refused(.error("400"), "bad_request", 400),
        .refused(.error("400", details: ["fields": [], "message": nil]), "bad_request", 400),
        .refused(.error("418", status: 418), "http_418", 418), .refused(.json(["x": 1], status: 410), "http_410", 410),
        // The credential is refused, and the app key is not: the jwt is dead.
        Verdict(effect: .error("401"), ended: .endedElsewhere),
        Verdict(effect: .error("401", details: ["dev_message": nil, "type": nil]), ended: .endedElsewhere),
        Verdict(effect: .json(["success": false, "payload": ["code": 401]], status: 401), ended: .endedElsewhere),
        Verdict(effect: .set("auth", false), ended: .endedElsewhere),
    ]

    @Test("what ends a session and what keeps it", arguments: verdicts)
    func verdict(_ verdict: Verdict) async throws {
        var setup = BackstackStage.Setup()
        setup.choices.rotates = false
        try await BackstackStage.with(setup) { stage in
            try await stage.signInKari()
            let (before, jwt) = (stage.snapshot, stage.jwt)
            // Twice: a question that met a closing connection is asked once more.
            let isCut = [FakeEffect.drop, .lost, .truncated(after: 0)].contains { "\($0)" == "\(verdict.effect)" }
            stage.fake.script(verdict.effect, on: "GET /app/session")
            if isCut { stage.fake.script(verdict.effect, on: "GET /app/session") }
            let error = await failure { try await stage.keeper.authenticate(durationMinutes: nil, expect: nil) }
            stage.fake.unscript()
            let after = stage.snapshot
            guard verdict.ended == nil else {
                #expect(error == nil && after.phase == .signedOut && after.cause.kind == verdict.ended)
                #expect(stage.jwt == nil && stage.vault.record(of: "p")?.session == nil)
                return
            }
            let kind = if case .misconfigured? = verdict.error { "misconfigured" } else { "upstreamUnavailable" }
            #expect(after.phase == .stale && after.cause.kind.rawValue == kind)
            #expect(after.heartbeat.lastError?.kind == kind && after.heartbeat.failures == 1)
            switch (error, verdict.error) {
            case (.upstreamUnavailable, nil): break
            case (let error, let expected): #expect(error == expected)
            }
            #expect(after.objects == before.objects && stage.jwt == jwt)
            #expect(after.lastValidatedAt == before.lastValidatedAt)
            let healed = await stage.validate()
            #expect(healed.phase == .active && healed.cause.kind == .validated && healed.heartbeat.failures == 0)
        }
    }

    /// The second question, with the app key, after the jwt was refused.
    static let secondOpinions: [(FakeEffect, KeeperError?)] = [
        (.error("401"), .misconfigured(reason: "invalid_app_key")),
        (.error("403"), .misconfigured(reason: "permission_lacking")),
        (.error("404"), .misconfigured(reason: "unknown_resource")), (.error("429"), nil), (.error("500"), nil),
        (.drop, nil), (.html(status: 401), nil), (.html(status: 200), nil), (.json([:], status: 200), nil),
        (.set("auth", nil), nil), (.empty(status: 200), nil),
    ]

    @Test(
        "a jwt that is refused ends the session only where the app key is not refused too; no clear answer keeps it",
        arguments: secondOpinions.indices)
    func secondOpinion(index: Int) async throws {
        let (effect, expected) = Self.secondOpinions[index]
        try await BackstackStage.with { stage in
            try await stage.signInKari()
            let (before, jwt) = (stage.snapshot, stage.jwt)
            stage.fake.script(.error("401"), effect, effect, on: "GET /app/session")
            let error = await failure { try await stage.keeper.authenticate(durationMinutes: nil, expect: nil) }
            stage.fake.unscript()
            switch (error, expected) {
            case (.upstreamUnavailable, nil): break
            case (let error, let expected): #expect(error == expected)
            }
            let calls = stage.fake.calls()
            #expect(calls[0].credential == jwt)
            #expect(calls.dropFirst().allSatisfy { $0.credential == Secret(stage.fake.appKey) })
            #expect(stage.snapshot.phase == .stale && stage.snapshot.objects == before.objects && stage.jwt == jwt)
            #expect(await stage.validate().phase == .active)
        }
    }

    @Test("without a key to ask with, a refused jwt is misconfigured and kept")
    func keyless() async throws {
        try await BackstackStage.with { stage in
            stage.settle()
            try await stage.signIn()
            let jwt = try #require(stage.jwt)
            var setup = stage.setup
            setup.appKey = ""
            stage.fake.killJWTs()
            try await BackstackStage.with(setup) { other in
                _ = try await other.keeper.update(HandedInSession(sessionToken: jwt), expect: nil)
                await other.profile.until { $0.snapshot.heartbeat.failures > 0 }
                #expect(other.snapshot.heartbeat.lastError?.kind == "misconfigured" && other.jwt == jwt)
            }
        }
    }

    @Test(
        "a session that ends at Backstack is noticed by the next heartbeat, by auth false or by a dead jwt; app stays",
        arguments: ["signed out", "jwts killed", "user deleted", "user deleted, jwts refused", "account deleted"])
    func endedElsewhere(how: String) async throws {
        try await BackstackStage.with { stage in
            let people = try await stage.signInKari()
            let app = stage.snapshot.objects["app"]
            switch how {
            case "signed out": stage.fake.signOut(people.kari)
            case "jwts killed": stage.fake.killJWTs()
            case "account deleted": stage.fake.delete(account: people.yard)
            default:
                stage.fake.choices.deletionOfUser = how.contains("refused") ? .refuses : .signsOut
                stage.fake.delete(user: people.kari)
            }
            stage.clock.advance(byMs: 180_000)
            let publication = await stage.profile.until { $0.snapshot.phase == .signedOut }
            #expect(publication.snapshot.cause.kind == .endedElsewhere)
            #expect(app?.value?["title"] == "Depot" && publication.snapshot.objects["app"] == app)
            for name in ["session", "account", "user", "access", "alerts"] {
                #expect(publication.snapshot.objects[name] == .unavailable(.signedOut), "\(name)")
            }
            #expect(stage.vault.record(of: "p")?.session == nil && stage.jwt == nil)
            try await stage.restarted { stage in
                #expect(stage.snapshot.objects["app"] == app && stage.snapshot.cause.kind == .endedElsewhere)
            }
        }
    }

    @Test("a session younger than half a minute is asked for once more before it is believed to be gone")
    func youngSession() async throws {
        var setup = BackstackStage.Setup()
        setup.choices.rotates = false
        try await BackstackStage.with(setup) { stage in
            stage.settle()
            try await stage.signIn()
            stage.fake.forgetCalls()
            stage.fake.script(.set("auth", false), on: "GET /app/session")
            async let validated = stage.validate()
            _ = await stage.fake.calls(atLeast: 1, on: "GET /app/session")
            await stage.clock.sleeperArrives(withinMs: 2000)
            stage.clock.advance(byMs: 2000)
            #expect(await validated.phase == .active)
            #expect(stage.fake.calls(on: "GET /app/session").count == 2)
        }
    }

    @Test("a heartbeat every three minutes, each with the newest jwt; the session has no end")
    func interval() async throws {
        try await BackstackStage.with { stage in
            try await stage.signInKari()
            for beat in 1...3 {
                let (due, jwt) = (try #require(stage.snapshot.heartbeat.nextAttemptAt), stage.jwt)
                stage.clock.advance(byMs: due - stage.clock.now().wall)
                let calls = await stage.fake.calls(atLeast: beat, on: "GET /app/session")
                let now = stage.clock.now().wall
                await stage.profile.until { $0.snapshot.lastValidatedAt == now }
                #expect(calls.count == beat && calls.last?.credential == jwt && stage.jwt != jwt)
                #expect(stage.snapshot.heartbeat.nextAttemptAt == now + 180_000)
            }
            stage.clock.advance(byMs: 366 * 86_400_000)
            await stage.profile.until { $0.snapshot.lastValidatedAt == stage.clock.now().wall }
            #expect(stage.snapshot.expiresAt == nil && stage.snapshot.phase == .active)
        }
    }

    @Test("Retry-After counts where it is longer than the backoff")
    func retryAfter() async throws {
        try await BackstackStage.with { stage in
            try await stage.signInKari()
            for (header, wait) in [("20", 20_000), ("3", 8000), ("9999", 256_000)] as [(String, Int64)] {
                stage.fake.script(.all([.error("429"), .header("retry-after", header)]), on: "GET /app/session")
                let snapshot = await stage.validate()
                #expect(snapshot.heartbeat.nextAttemptAt == stage.clock.now().wall + wait, "\(header)")
            }
        }
    }
}
