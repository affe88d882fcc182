import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Revoking at Stytch", .timeLimit(.minutes(1)))
struct StytchRevocationTests {
    /// An answer to sessions/revoke, and what `session.revoke` without force says.
    struct Case: Sendable, CustomTestStringConvertible {
        var effect: FakeEffect
        /// nil: confirmed.
        var error: KeeperError?
        var testDescription: String { "\(effect)" }
    }

    static let answers: [Case] = [
        Case(effect: .none), Case(effect: .error("session_not_found", status: 404)),
        Case(effect: .error("unauthorized_credentials", status: 401)), Case(effect: .error("user_unauthenticated")),
        Case(effect: .drop, error: .upstreamUnavailable(nextAttemptAt: nil)),
        Case(effect: .html(status: 401), error: .upstreamUnavailable(nextAttemptAt: nil)),
        Case(effect: .empty(status: 200), error: .upstreamUnavailable(nextAttemptAt: nil)),
        Case(effect: .tooManyRequests(retryAfter: nil), error: .upstreamUnavailable(nextAttemptAt: nil)),
        Case(
            effect: .error("unauthorized_action", status: 401),
            error: .upstreamRejected(reason: "unauthorized_action", status: 401)),
        Case(
            effect: .error("bad_app_bundle_for_stytch_sdk"),
            error: .misconfigured(reason: "bad_app_bundle_for_stytch_sdk")),
    ]

    @Test("confirmed by success and by being gone already; anything else keeps the session", arguments: answers)
    func revoke(answer: Case) async throws {
        try await StytchStage.with { stage in
            let session = try await stage.signInAda()
            stage.fake.always(answer.effect, on: "sessions/revoke")
            let error = await failure { try await stage.keeper.revoke(.current, force: false, expect: nil) }
            let call = try #require(stage.fake.calls(on: "sessions/revoke").first)
            #expect(call.password == session.token && call.path == "/sdk/v1/sessions/revoke")
            switch (answer.error, error) {
            case (.upstreamUnavailable, .upstreamUnavailable): break
            case (let expected, let error): #expect(error == expected)
            }
            if answer.error == nil {
                #expect(stage.snapshot.phase == .signedOut && stage.snapshot.cause.kind == .revoked)
                #expect(
                    stage.snapshot.objects == ["session": .unavailable(.signedOut), "user": .unavailable(.signedOut)])
                #expect(stage.vault.record(of: "p")?.session == nil)
            } else {
                #expect(stage.snapshot.phase == .active && stage.vault.record(of: "p")?.session != nil)
            }
        }
    }

    @Test(
        "with force the session ends here, and the revocation is made up for after a restart",
        arguments: [
            FakeStytch.Product.consumer, .b2b,
        ])
    func forced(product: FakeStytch.Product) async throws {
        try await StytchStage.with(.init(product: product)) { stage in
            try await stage.signInAda()
            stage.fake.always(.drop)
            let target = product == .b2b ? RevocationTarget.all : .current
            let result = try await stage.keeper.revoke(target, force: true, expect: nil)
            #expect(!result.isConfirmed && result.isPending)
            #expect(result.publication.snapshot.phase == .signedOut)
            #expect(stage.fake.sessions.count == 1)
            stage.fake.unscript()
            try await stage.restarted { stage in
                await stage.profile.until { _ in stage.vault.record(of: "p")?.revocations.isEmpty == true }
                #expect(stage.fake.sessions.isEmpty)
                let paths = Set(stage.fake.calls().filter { $0.status == 200 }.map(\.path))
                #expect(paths.contains { $0.contains("sessions/revoke") })
                #expect(!paths.contains { $0.contains("authenticate") }, "the queue knows what it needs")
            }
        }
    }

    @Test(
        "a forced revocation that is refused stays queued until Stytch has confirmed it, or its session has ended",
        arguments: [
            FakeEffect.error("a_type_of_next_month", status: 403),
            .json(["error": "blocked_by_policy"], status: 403),
        ], [true, false])
    func refused(effect: FakeEffect, isMended: Bool) async throws {
        try await StytchStage.with { stage in
            try await stage.signInAda(minutes: 60)
            stage.fake.always(effect, on: "sessions/revoke")
            #expect(try await stage.keeper.revoke(.current, force: true, expect: nil).isPending)
            for attempt in 2...4 {
                await stage.clock.sleeperArrives(withinMs: 256_000)
                stage.clock.advance(byMs: 256_000)
                _ = await stage.fake.calls(atLeast: attempt, on: "sessions/revoke")
            }
            #expect(stage.vault.record(of: "p")?.revocations.count == 1)
            if isMended { stage.fake.unscript() }
            await stage.clock.sleeperArrives(withinMs: 256_000)
            stage.clock.advance(byMs: 3_600_000)
            await stage.profile.until { _ in stage.vault.record(of: "p")?.revocations.isEmpty == true }
        }
    }

    @Test("with the project's secret, too, only one's own sessions can be ended by id")
    func foreignSession() async throws {
        try await StytchStage.with(.init(entrance: .server)) { stage in
            try await stage.signInAda()
            let other = stage.fake.openSession(of: stage.fake.addUser(email: "bo@example.org"))
            let error = await failure {
                try await stage.keeper.revoke(.session(id: other.id), force: false, expect: nil)
            }
            #expect(error == .upstreamRejected(reason: "session_not_found", status: 404))
            #expect(stage.fake.sessions.contains { $0.id == other.id })
        }
    }

    @Test("an app can end its own session only; in B2B all of its member's too")
    func targets() async throws {
        for target in [RevocationTarget.others, .all, .session(id: "session-test-x")] {
            try await StytchStage.with { stage in
                try await stage.signInAda()
                let error = await failure { try await stage.keeper.revoke(target, force: true, expect: nil) }
                #expect(error == .notSupported(method: "session.revoke"))
                #expect(stage.fake.calls().isEmpty && stage.snapshot.phase == .active)
            }
        }
        try await StytchStage.with(.init(product: .b2b)) { stage in
            let session = try await stage.signInAda()
            _ = stage.fake.openSession(of: session.ownerID)
            let result = try await stage.keeper.revoke(.all, force: false, expect: nil)
            #expect(result.isConfirmed && result.publication.snapshot.phase == .signedOut)
            #expect(stage.fake.sessions.isEmpty)
            #expect(stage.fake.calls().first?.path == "/sdk/v1/b2b/sessions/revoke/\(session.ownerID)")
        }
    }

    @Test("a session that was handed in and never confirmed can be ended for all of the member")
    func handedIn() async throws {
        try await StytchStage.with(.init(product: .b2b)) { stage in
            let member = stage.fake.addMember(of: stage.fake.addOrganization(), email: "ada@example.org")
            let session = stage.fake.openSession(of: member)
            stage.fake.always(.drop, on: "sessions/authenticate")
            _ = try await stage.keeper.update(
                HandedInSession(sessionToken: try #require(Secret(session.token))), expect: nil)
            await stage.profile.until { $0.snapshot.heartbeat.failures > 0 }
            stage.fake.unscript()
            let result = try await stage.keeper.revoke(.all, force: false, expect: nil)
            #expect(result.isConfirmed && stage.fake.sessions.isEmpty)
        }
    }

    @Test("invalidating ends the session here without a word to Stytch")
    func invalidate() async throws {
        try await StytchStage.with { stage in
            try await stage.signInAda()
            let publication = try await stage.keeper.invalidate(expect: nil)
            #expect(publication.snapshot.phase == .signedOut && publication.snapshot.cause.kind == .invalidated)
            #expect(stage.fake.calls().isEmpty && stage.fake.sessions.count == 1)
        }
    }
}
