import SessionCore
import SessionProtocol
import SessionTesting
import Testing

/// A reload puts another keeper in a keeper's place, on the same record.
@Suite("A retired keeper", .timeLimit(.minutes(1)))
struct RetirementTests {
    @Test("the answer to a validation that was under way is dropped: nothing is written, nothing comes back")
    func validation() async throws {
        let old = await KeeperHarness.started()
        try await old.signIn(expiresInMs: nil)
        old.clock.advance(byMs: 180_000)
        let call = await old.provider.nextCall()
        let asked = Task { try await old.keeper.authenticate(durationMinutes: nil, expect: nil) }
        await old.keeper.shutDown()
        let new = await KeeperHarness.started(clock: old.clock, vault: old.vault)
        _ = try await new.keeper.invalidate(expect: nil)
        call.answer(.confirmed(.of("t1", expiresAt: nil, user: "grace")))
        _ = await asked.result
        #expect(old.vault.record(of: "p")?.session == nil)
        #expect(old.vault.record(of: "p")?.departure?.cause.kind == .invalidated)
        #expect(old.snapshot.objects["user"] != new.snapshot.objects["user"], "it still answers what it last knew")
    }

    @Test("the answer to a queued revocation that was under way is dropped, and its successor asks again")
    func revocation() async throws {
        let old = await KeeperHarness.started()
        try await old.signIn(expiresInMs: nil)
        async let revoked = old.keeper.revoke(.current, force: true, expect: nil)
        await old.provider.nextCall().answer(revocation: .unreachable())
        _ = try await revoked
        await old.clock.sleeperArrives(withinMs: 4000)
        old.clock.advance(byMs: 4000)
        let call = await old.provider.nextCall()
        await old.keeper.shutDown()
        let new = await KeeperHarness.started(clock: old.clock, vault: old.vault)
        let again = await new.provider.nextCall()
        call.answer(revocation: .rejected(reason: "no"))
        _ = await old.keeper.settle()
        #expect(old.vault.record(of: "p")?.revocations.count == 1)
        again.answer(revocation: .confirmed)
        await new.until { _ in new.vault.record(of: "p")?.revocations.isEmpty == true }
    }

    @Test("a sign-in that hangs holds up the end for half a second at most; its late session is given up")
    func hungSignIn() async throws {
        let harness = await KeeperHarness.started()
        let signedIn = Task {
            try await harness.keeper.signIn(
                method: "password", fields: SignInFields([:]), durationMinutes: nil, expect: nil)
        }
        let call = await harness.provider.nextCall()
        async let over: Void = harness.keeper.shutDown()
        await harness.clock.sleeperArrives(withinMs: 500)
        harness.clock.advance(byMs: 500)
        await over
        call.answer(.confirmed(.of("t1", expiresAt: nil)))
        let undo = await harness.provider.nextCall()
        #expect(undo.session?.tokens.sessionToken == Secret("t1"))
        undo.answer(revocation: .confirmed)
        await #expect(throws: KeeperError.shuttingDown) { try await signedIn.value }
        #expect(harness.vault.record(of: "p") == nil)
    }

    @Test("whoever waits for his turn when the keeper retires asks the service nothing: another has its credentials")
    func waiting() async throws {
        var traits = ProviderTraits.scripted
        traits.rotatesCredentials = true
        let harness = await KeeperHarness.started(provider: ScriptedProvider(traits: traits))
        try await harness.signIn()
        let validation = Task { try await harness.keeper.authenticate(durationMinutes: nil, expect: nil) }
        let first = await harness.provider.nextCall()
        let question = Task { try await harness.keeper.fetchUser() }
        async let over: Void = harness.keeper.shutDown()
        await harness.clock.sleeperArrives(withinMs: harness.keeper.lastCallMs)
        harness.clock.advance(byMs: harness.keeper.lastCallMs)
        await over
        first.answer(.unreachable())
        _ = await validation.result
        await #expect(throws: KeeperError.self) { try await question.value }
        #expect(harness.provider.askedCount == 2, "the sign-in and the validation")
    }

    @Test("a revocation that hangs stays queued for the successor, and the session is not served again")
    func hungRevocation() async throws {
        let old = await KeeperHarness.started()
        try await old.signIn(expiresInMs: nil)
        let revoked = Task { try await old.keeper.revoke(.current, force: false, expect: nil) }
        let call = await old.provider.nextCall()
        async let over: Void = old.keeper.shutDown()
        await old.clock.sleeperArrives(withinMs: 500)
        old.clock.advance(byMs: 500)
        await over
        let new = await KeeperHarness.started(clock: old.clock, vault: old.vault)
        #expect(new.snapshot.phase == .signedOut && new.snapshot.cause.kind == .revoked)
        call.answer(revocation: .unreachable())
        await #expect(throws: KeeperError.shuttingDown) { try await revoked.value }
        let again = await new.provider.nextCall()
        #expect(again.session?.tokens.sessionToken == Secret("t1"))
        again.answer(revocation: .confirmed)
        await new.until { _ in new.vault.record(of: "p")?.revocations.isEmpty == true }
    }

    @Test("a session still ends at its end for who reads an old keeper, without a write")
    func expiry() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(expiresInMs: 60_000)
        await harness.keeper.shutDown()
        let saves = harness.vault.saves
        harness.clock.advance(byMs: 60_000)
        #expect(await harness.keeper.settle().snapshot.cause.kind == .expired)
        #expect(harness.vault.saves == saves)
    }
}
