import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("A Stytch sign-in that is half done", .timeLimit(.minutes(1)))
struct StytchIntermediateTests {
    private typealias Stage = StytchStage

    private func begin(_ stage: StytchStage) async throws {
        let organization = stage.fake.addOrganization(requiresMFA: true)
        stage.fake.addMember(
            of: organization, email: Stage.memberEmail, password: Stage.memberPassword, totp: true,
            recoveryCodes: ["r-1"])
        try await stage.signInMember(to: organization)
    }

    @Test(
        "it ends after ten minutes, or when Stytch says, and then nothing is left of it, in memory and on disk",
        arguments: [nil, "2025-11-21T18:35:20Z", "2025-11-21T18:45:20.123456789Z"], StytchStage.Entrance.allCases)
    func end(says text: String?, entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            let start = stage.clock.now().wall
            if let text {
                stage.fake.script(
                    .set("intermediate_session_token_expires_at", .string(text)), on: "b2b/passwords/authenticate")
            }
            let end =
                switch text {
                case nil: start + 600_000
                case "2025-11-21T18:35:20Z": start + 120_000
                default: start + 720_123
                }
            try await begin(stage)
            let challenge = try #require(stage.snapshot.challenge)
            #expect(challenge.expiresAt == end)
            #expect(stage.vault.record(of: "p")?.challenge?.challenge == challenge, "stored with its end")
            stage.clock.advance(byMs: end - start)
            await stage.profile.until { $0.snapshot.challenge == nil }
            #expect(stage.snapshot.phase == .signedOut)
            #expect(stage.vault.record(of: "p")?.challenge == nil)
            let late = await failure {
                try await stage.keeper.answer(
                    challenge: challenge.id, fields: SignInFields(["method": "recovery_code", "code": "r-1"]),
                    durationMinutes: nil, expect: nil)
            }
            #expect(late == .challengeNotFound)
        }
    }

    @Test("a daemon that was down when it ended does not bring it back")
    func endedMeanwhile() async throws {
        try await StytchStage.with(.b2b()) { stage in
            try await begin(stage)
            await stage.keeper.shutDown()
            stage.clock.advance(byMs: 600_000)
            try await stage.restarted { stage in
                #expect(stage.snapshot.challenge == nil && stage.snapshot.phase == .signedOut)
            }
        }
    }

    @Test("it is no session: no token, no heartbeat, no extension, no revocation at Stytch")
    func noSession() async throws {
        try await StytchStage.with(.b2b()) { stage in
            try await begin(stage)
            stage.fake.forgetCalls()
            #expect(stage.keeper.publication.session == nil)
            #expect(await failure { try await stage.keeper.tokens(minValidMs: 0) } == .notSignedIn(.challenged))
            let extended = await failure { try await stage.keeper.authenticate(durationMinutes: 60, expect: nil) }
            #expect(extended == .notSignedIn(.challenged))
            let revoked = try await stage.keeper.revoke(.current, force: false, expect: nil)
            #expect(revoked.isConfirmed && !revoked.isPending)
            stage.clock.advance(byMs: 200_000)
            #expect(stage.fake.calls().isEmpty)
            #expect(stage.snapshot.expiresAt == nil && stage.snapshot.lastValidatedAt == nil)
        }
    }

    @Test(
        "a session that is held stays until the new one is there, over heartbeats and a restart",
        arguments: StytchStage.Entrance.allCases)
    func heldSession(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            let old = try await stage.signInAda()
            let organization = stage.fake.addOrganization(name: "Bank", slug: "bank", requiresMFA: true)
            stage.fake.addMember(
                of: organization, email: Stage.memberEmail, password: Stage.memberPassword, phone: Stage.memberPhone)
            let before = stage.snapshot
            try await stage.signInMember(to: organization)
            let challenge = try #require(stage.snapshot.challenge)
            #expect(stage.snapshot.phase == .active && stage.snapshot.objects == before.objects)
            #expect(stage.snapshot.cause == before.cause && stage.token == old.token)
            await stage.heartbeat()
            #expect(stage.snapshot.challenge == challenge, "over a heartbeat")
            try await stage.answer(["method": "sms_otp"])
            let sent = stage.snapshot.challenge
            try await stage.restarted { stage in
                await stage.profile.until { $0.snapshot.phase == .active }
                #expect(stage.snapshot.challenge == sent && stage.token == old.token)
                let wrong = await failure { try await stage.answer(["method": "sms_otp", "code": "000000"]) }
                #expect(wrong == .upstreamRejected(reason: "unable_to_auth_otp_code", status: 401))
                #expect(stage.snapshot.phase == .active && stage.token == old.token)
                let code = try #require(stage.fake.code(to: Stage.memberPhone))
                let revision = stage.snapshot.revision
                try await stage.answer(["method": "sms_otp", "code": code])
                #expect(stage.snapshot.revision == revision + 1 && stage.snapshot.challenge == nil)
                #expect(stage.token != old.token)
                #expect(stage.object("organization")?["organization_slug"] == "bank")
                #expect(stage.fake.sessions.contains { $0.id == old.id }, "the old one lives on at Stytch")
                stage.expectIntermediatesStayInside()
            }
        }
    }

    @Test("a new sign-in takes its place, and a session handed in does not carry it")
    func replaced() async throws {
        try await StytchStage.with(.b2b()) { stage in
            try await begin(stage)
            let first = try #require(stage.snapshot.challenge)
            try await stage.signInMember(to: "acme")
            let second = try #require(stage.snapshot.challenge)
            #expect(second.id != first.id)
            let open = stage.fake.addOrganization(name: "Open", slug: "open")
            stage.fake.addMember(of: open, email: Stage.memberEmail, password: Stage.memberPassword)
            try await stage.signInMember(to: open)
            #expect(stage.snapshot.challenge == nil && stage.snapshot.phase == .active)
            #expect(stage.vault.record(of: "p")?.challenge == nil)
        }
    }

    @Test("one that Stytch no longer knows is refused with Stytch's reason, and the session beside it is kept")
    func forgotten() async throws {
        try await StytchStage.with(.b2b()) { stage in
            let old = try await stage.signInAda()
            let organization = stage.fake.addOrganization(name: "Bank", slug: "bank", requiresMFA: true)
            stage.fake.addMember(
                of: organization, email: Stage.memberEmail, password: Stage.memberPassword, recoveryCodes: ["r-1"])
            try await stage.signInMember(to: organization)
            for type in ["intermediate_session_not_found", "session_not_found", "unauthorized_credentials"] {
                stage.fake.script(.error(type), on: "b2b/recovery_codes/recover")
                let refused = await failure {
                    try await stage.answer(["method": "recovery_code", "code": "r-1"])
                }
                guard case .upstreamRejected(type, _)? = refused else {
                    Issue.record("\(String(describing: refused))")
                    return
                }
                #expect(stage.snapshot.phase == .active && stage.token == old.token)
            }
        }
    }

    @Test("an empty intermediate token is none: an answer with nothing in it is no answer")
    func empty() async throws {
        try await StytchStage.with(.b2b()) { stage in
            stage.fake.script(.set("intermediate_session_token", ""), on: "b2b/passwords/authenticate")
            let error = await failure { try await begin(stage) }
            guard case .upstreamUnavailable? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(stage.snapshot.challenge == nil)
        }
    }
}
