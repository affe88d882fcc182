import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Logging out of Backstack", .timeLimit(.minutes(1)))
struct BackstackRevocationTests {
    /// Answers to GET /app/logout, and what `session.revoke` without force says; nil: confirmed.
    static let answers: [(FakeEffect, KeeperError?)] = [
        (.none, nil), (.remove("jwt"), nil), (.set("account", []), nil),
        // An answer that says nothing of the session: it is asked for.
        (.remove("auth"), nil),
        // The jwt is dead already, and the app key is not.
        (.error("401"), nil),
        (.drop, .upstreamUnavailable(nextAttemptAt: nil)),
        (.html(status: 200), .upstreamUnavailable(nextAttemptAt: nil)),
        (.html(status: 401), .upstreamUnavailable(nextAttemptAt: nil)),
        (.error("500"), .upstreamUnavailable(nextAttemptAt: nil)),
        (.error("429"), .upstreamUnavailable(nextAttemptAt: nil)),
        // Nothing has been ended.
        (.set("auth", true), .upstreamUnavailable(nextAttemptAt: nil)),
        (.error("403"), .misconfigured(reason: "permission_lacking")),
        (.error("400"), .upstreamRejected(reason: "bad_request", status: 400)),
    ]

    @Test(
        "confirmed by a session without a login and by a dead jwt; anything else keeps the session",
        arguments: answers.indices)
    func revoke(index: Int) async throws {
        let (effect, expected) = Self.answers[index]
        var setup = BackstackStage.Setup()
        setup.choices.rotates = false
        try await BackstackStage.with(setup) { stage in
            try await stage.signInKari()
            let jwt = stage.jwt
            stage.fake.always(effect, on: "GET /app/logout")
            let error = await failure { try await stage.keeper.revoke(.current, force: false, expect: nil) }
            #expect(stage.fake.calls(on: "GET /app/logout").first?.credential == jwt)
            switch (error, expected) {
            case (.upstreamUnavailable, .upstreamUnavailable): break
            case (let error, let expected): #expect(error == expected)
            }
            guard expected == nil else {
                #expect(stage.snapshot.phase == .active && stage.vault.record(of: "p")?.session != nil)
                return
            }
            #expect(stage.snapshot.phase == .signedOut && stage.snapshot.cause.kind == .revoked)
            #expect(stage.snapshot.objects["user"] == .unavailable(.signedOut) && stage.object("app") != nil)
            #expect(stage.vault.record(of: "p")?.session == nil && stage.jwt == nil)
            let again = try await stage.keeper.revoke(.current, force: false, expect: nil)
            #expect(again.isConfirmed && !again.isPending)
        }
    }

    @Test("a jwt that is refused without a clear word of the app key keeps the session")
    func unclear() async throws {
        try await BackstackStage.with { stage in
            try await stage.signInKari()
            stage.fake.killJWTs()
            stage.fake.always(.error("500"), on: "GET /app/session")
            guard
                case .upstreamUnavailable? = await failure(of: {
                    try await stage.keeper.revoke(.current, force: false, expect: nil)
                })
            else {
                Issue.record("not out of reach")
                return
            }
            stage.fake.unscript()
            stage.fake.choices.refusesAppKey = true
            let error = await failure { try await stage.keeper.revoke(.current, force: false, expect: nil) }
            #expect(error == .misconfigured(reason: "invalid_app_key") && stage.snapshot.phase == .active)
            stage.fake.choices.refusesAppKey = false
            #expect(try await stage.keeper.revoke(.current, force: false, expect: nil).isConfirmed)
        }
    }

    @Test("with force the session ends here, and the logout is made up for after a restart, with the newest jwt")
    func forced() async throws {
        try await BackstackStage.with { stage in
            try await stage.signInKari()
            await stage.validate()
            let jwt = stage.jwt
            stage.fake.always(.drop)
            let result = try await stage.keeper.revoke(.current, force: true, expect: nil)
            #expect(!result.isConfirmed && result.isPending && stage.snapshot.phase == .signedOut)
            #expect(stage.vault.record(of: "p")?.revocations.first?.session.objects == [:])
            stage.fake.unscript()
            stage.fake.forgetCalls()
            try await stage.restarted { stage in
                await stage.profile.until { _ in stage.vault.record(of: "p")?.revocations.isEmpty == true }
                #expect(stage.fake.calls().map(\.path) == ["/app/logout"])
                #expect(stage.fake.calls().first?.credential == jwt && stage.snapshot.phase == .signedOut)
            }
        }
    }

    @Test("a session that cannot be stored is ended at Backstack")
    func notStored() async throws {
        try await BackstackStage.with { stage in
            stage.settle()
            stage.vault.failure = .storeFailed
            let error = await failure { try await stage.signIn() }
            #expect(error == .storeFailed)
            #expect(stage.fake.calls(on: "GET /app/logout").map(\.status) == [200])
        }
    }
}
