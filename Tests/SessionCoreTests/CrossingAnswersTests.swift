import SessionCore
import SessionProtocol
import SessionTesting
import Testing

/// Answers that come in another order than their questions were asked.
@Suite("Answers that cross", .timeLimit(.minutes(1)))
struct CrossingAnswersTests {
    private static let rotating: ProviderTraits = {
        var traits = ProviderTraits.scripted
        traits.rotatesCredentials = true
        return traits
    }()

    @Test("where credentials rotate, a change that meets a session gone is judged by a validation after it")
    func rotatingChange() async throws {
        let harness = await KeeperHarness.started(provider: ScriptedProvider(traits: Self.rotating))
        try await harness.signIn(expiresInMs: nil)
        harness.clock.advance(byMs: 60_000)
        async let extended = harness.keeper.authenticate(durationMinutes: 30, expect: nil)
        await harness.provider.nextCall().answer(.ended(.endedElsewhere))
        await harness.provider.nextCall().answer(.ended(.endedElsewhere))
        #expect(try await extended.snapshot.cause.kind == .endedElsewhere)
        // The lane is free again.
        try await harness.signIn(token: "t2")
    }

    @Test("where credentials rotate, a queued revocation waits for the validation under way")
    func rotatingRevocation() async throws {
        let harness = await KeeperHarness.started(provider: ScriptedProvider(traits: Self.rotating))
        try await harness.signIn(token: "t1", expiresInMs: nil)
        async let revoked = harness.keeper.revoke(.current, force: true, expect: nil)
        await harness.provider.nextCall().answer(revocation: .unreachable())
        _ = try await revoked
        try await harness.signIn(token: "t2", expiresInMs: nil)
        async let authenticated = harness.keeper.authenticate(durationMinutes: nil, expect: nil)
        let validation = await harness.provider.nextCall()
        harness.clock.advance(byMs: 4000)
        validation.answer(.confirmed(.of("t2", expiresAt: nil)))
        _ = try await authenticated
        await harness.provider.nextCall().answer(revocation: .confirmed)
        await harness.until { _ in harness.vault.record(of: "p")?.revocations.isEmpty == true }
        #expect(harness.provider.mostInFlight == 1)
        #expect(harness.snapshot.phase == .active)
    }

    @Test("a second question that meets a newer sign-in is that session's first")
    func recheckOfAnother() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(token: "t1", expiresInMs: nil)
        async let authenticated = harness.keeper.authenticate(durationMinutes: nil, expect: nil)
        await harness.provider.nextCall().answer(.ended(.endedElsewhere))
        await harness.clock.sleeperArrives(withinMs: 2000)
        try await harness.signIn(token: "t2", expiresInMs: nil)
        harness.clock.advance(byMs: 1000)
        let first = await harness.provider.nextCall()
        #expect(first.session?.tokens.sessionToken == Secret("t2"))
        first.answer(.ended(.endedElsewhere))
        await harness.clock.sleeperArrives(withinMs: 2000)
        harness.clock.advance(byMs: 1000)
        await harness.provider.nextCall().answer(.confirmed(.of("t2", expiresAt: nil)))
        #expect(try await authenticated.snapshot.phase == .active)
    }

    @Test("a step-up that is answered after its session has ended does not bring it back")
    func stepUp() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(expiresInMs: 60_000)
        harness.clock.advance(byMs: 55_000)
        let step = Task {
            try await harness.keeper.signIn(
                method: "totp", fields: SignInFields(["code": "1"]), durationMinutes: nil, expect: nil)
        }
        let call = await harness.provider.nextCall()
        harness.clock.advance(byMs: 5000)
        await harness.until { $0.snapshot.phase == .signedOut }
        var confirmation = Confirmation.of("t1", expiresAt: harness.clock.now().wall + 600_000)
        confirmation.isStepUp = true
        call.answer(.confirmed(confirmation))
        await #expect(throws: KeeperError.notSignedIn(.signedOut)) { try await step.value }
        #expect(harness.snapshot.cause.kind == .expired)
    }

    @Test("a step-up goes on with the session that is held")
    func liveStepUp() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(expiresInMs: nil)
        async let step = harness.keeper.signIn(
            method: "totp", fields: SignInFields(["code": "1"]), durationMinutes: nil, expect: nil)
        var confirmation = Confirmation(objects: ["session": ["id": "id-t1", "factors": 2]])
        confirmation.isStepUp = true
        await harness.provider.nextCall().answer(.confirmed(confirmation))
        let after = try await step.publication
        #expect(after.snapshot.cause.kind == .updated)
        #expect(after.session?.tokens.sessionToken == Secret("t1"))
        #expect(after.snapshot.objects["user"] == .available(["name": "ada"], lastValidatedAt: 1_763_750_000_000))
    }

    @Test("a user that was fetched earlier than it was validated does not undo the validation")
    func fetchedEarlier() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(expiresInMs: nil)
        async let fetched = harness.keeper.fetchUser()
        let fetch = await harness.provider.nextCall()
        async let authenticated = harness.keeper.authenticate(durationMinutes: nil, expect: nil)
        await harness.provider.nextCall().answer(.confirmed(.of("t1", expiresAt: nil, user: "new")))
        _ = try await authenticated
        fetch.answer(user: ["name": "old"])
        #expect(try await fetched == .available(["name": "new"], lastValidatedAt: harness.clock.now().wall))
    }

    @Test("a validation that was asked before a fetch leaves the fetched user alone, and confirms the session")
    func fetchedLater() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(expiresInMs: nil)
        harness.clock.advance(byMs: 180_000)
        let validation = await harness.provider.nextCall()
        async let fetched = harness.keeper.fetchUser()
        await harness.provider.nextCall().answer(user: ["name": "new"])
        _ = try await fetched
        harness.clock.advance(byMs: 1000)
        let fetchedAt = harness.clock.now().wall - 1000
        validation.answer(.confirmed(.of("t1", expiresAt: nil, user: "old")))
        let after = await harness.until { $0.snapshot.lastValidatedAt == fetchedAt + 1000 }.snapshot
        #expect(after.objects["user"] == .available(["name": "new"], lastValidatedAt: fetchedAt))
    }

    @Test("a hint about a session whose sign-in is still being answered is followed once it is held")
    func earlyHint() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(token: "t1", expiresInMs: nil)
        async let signedIn = harness.keeper.signIn(
            method: "password", fields: SignInFields([:]), durationMinutes: nil, expect: nil)
        let call = await harness.provider.nextCall()
        harness.provider.hint.yield(ProviderHint(sessionIDs: ["id-t2"]))
        harness.provider.hint.yield(ProviderHint(sessionIDs: ["id-t1"]))
        // Hints are taken in order: this question comes of the second.
        let about1 = await harness.provider.nextCall()
        call.answer(.confirmed(.of("t2", expiresAt: nil)))
        _ = try await signedIn
        about1.answer(.confirmed(.of("t1", expiresAt: nil)))
        let about2 = await harness.provider.nextCall()
        #expect(about2.session?.tokens.sessionToken == Secret("t2"))
        about2.answer(.confirmed(.of("t2", expiresAt: nil, user: "grace")))
        await harness.until {
            $0.snapshot.objects["user"] == .available(["name": "grace"], lastValidatedAt: harness.clock.now().wall)
        }
    }

    @Test("an end that is told while a change is under way is asked about again with the tokens that the change brings")
    func endedDuringChange() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(expiresInMs: nil)
        harness.clock.advance(byMs: 180_000)
        let heartbeat = await harness.provider.nextCall()
        async let extended = harness.keeper.authenticate(durationMinutes: 90, expect: nil)
        let extending = await harness.provider.nextCall()
        harness.clock.advance(byMs: 1)
        heartbeat.answer(.ended(.endedElsewhere))
        await harness.validationIsHeard()
        extending.answer(.confirmed(.of("t2", expiresAt: nil)))
        #expect(try await extended.snapshot.phase == .active)
        let again = await harness.provider.nextCall()
        #expect(again.session?.tokens.sessionToken == Secret("t2"))
        again.answer(.ended(.endedElsewhere))
        await harness.until { $0.snapshot.cause.kind == .endedElsewhere }
    }

    @Test("a heartbeat that finds out first about a revocation under way tells its cause")
    func revokedMeanwhile() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(expiresInMs: nil)
        harness.clock.advance(byMs: 180_000)
        let heartbeat = await harness.provider.nextCall()
        async let revoked = harness.keeper.revoke(.current, force: false, expect: nil)
        let revocation = await harness.provider.nextCall()
        heartbeat.answer(.ended(.endedElsewhere))
        await harness.until { $0.snapshot.phase == .signedOut }
        revocation.answer(revocation: .confirmed)
        let result = try await revoked
        #expect(result.isConfirmed && result.publication.snapshot.cause.kind == .revoked)
    }
}
