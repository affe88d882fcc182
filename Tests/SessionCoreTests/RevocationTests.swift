import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Revocation", .timeLimit(.minutes(1)))
struct RevocationTests {
    @Test("a confirmed revocation ends the session in memory and on disk")
    func confirmed() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn()
        async let revoked = harness.keeper.revoke(.current, force: false, expect: nil)
        let call = await harness.provider.nextCall()
        #expect(call.session?.tokens.sessionToken == Secret("t1"))
        #expect(harness.vault.record(of: "p")?.revocations.count == 1, "queued before it is asked for")
        call.answer(revocation: .confirmed)
        let result = try await revoked
        #expect(result.isConfirmed && !result.isPending)
        #expect(result.publication.snapshot.cause.kind == .revoked)
        #expect(harness.vault.record(of: "p")?.revocations.isEmpty == true)
        let again = try await harness.keeper.revoke(.current, force: false, expect: nil)
        #expect(again.isConfirmed && again.publication.snapshot.phase == .signedOut)
    }

    @Test("out of reach without force: an error, and nothing is dropped or queued")
    func outOfReach() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn()
        let revoked = Task { try await harness.keeper.revoke(.current, force: false, expect: nil) }
        await harness.provider.nextCall().answer(revocation: .unreachable())
        await #expect { try await revoked.value } throws: { error in
            guard case .upstreamUnavailable = error as? KeeperError else { return false }
            return true
        }
        #expect(harness.snapshot.phase == .active)
        #expect(harness.vault.record(of: "p")?.revocations.isEmpty == true)
    }

    @Test("with force the session ends now, and the revocation is retried until the provider confirms, over a restart")
    func forced() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn()
        async let revoked = harness.keeper.revoke(.current, force: true, expect: nil)
        let call = await harness.provider.nextCall()
        #expect(harness.snapshot.phase == .signedOut, "ended before the provider has answered")
        call.answer(revocation: .unreachable())
        let result = try await revoked
        #expect(!result.isConfirmed && result.isPending)
        await harness.keeper.shutDown()

        let again = await KeeperHarness.started(clock: harness.clock, vault: harness.vault, instance: "i2")
        #expect(again.snapshot.phase == .signedOut && again.snapshot.cause.kind == .revoked)
        let retried = await again.provider.nextCall()
        #expect(retried.session?.tokens.sessionToken == Secret("t1"))
        // A new sign-in meanwhile is not touched by the old revocation.
        async let signedIn = again.signIn(token: "t2")
        _ = try await signedIn
        retried.answer(revocation: .confirmed)
        await again.until { _ in again.vault.record(of: "p")?.revocations.isEmpty == true }
        #expect(again.snapshot.phase == .active)
    }

    @Test("a queued revocation survives clearLocal")
    func survivesClear() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn()
        async let revoked = harness.keeper.revoke(.current, force: true, expect: nil)
        await harness.provider.nextCall().answer(revocation: .unreachable())
        _ = try await revoked
        _ = try await harness.keeper.clearLocal(expect: nil)
        #expect(harness.vault.record(of: "p")?.revocations.count == 1)
    }

    @Test("a resume and a second revoke ask again at once, though nobody is signed in")
    func hurried() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn()
        async let revoked = harness.keeper.revoke(.current, force: true, expect: nil)
        await harness.provider.nextCall().answer(revocation: .unreachable(retryAfterMs: 200_000))
        _ = try await revoked
        await harness.keeper.timeHasJumped()
        await harness.provider.nextCall().answer(revocation: .unreachable())
        await harness.clock.sleeperArrives(withinMs: 8000)
        let again = try await harness.keeper.revoke(.current, force: false, expect: nil)
        #expect(!again.isConfirmed && again.isPending)
        await harness.provider.nextCall().answer(revocation: .confirmed)
        await harness.until { _ in harness.vault.record(of: "p")?.revocations.isEmpty == true }
    }

    @Test("what the provider cannot end is notSupported, signed in or not", arguments: [true, false])
    func notSupported(isSignedIn: Bool) async throws {
        var traits = ProviderTraits.scripted
        traits.operations.subtract([.revokeAll, .revokeOthers, .revokeByID])
        let harness = await KeeperHarness.started(provider: ScriptedProvider(traits: traits))
        if isSignedIn { try await harness.signIn() }
        for target in [RevocationTarget.all, .others, .session(id: "x")] {
            await #expect(throws: KeeperError.notSupported(method: "session.revoke")) {
                try await harness.keeper.revoke(target, force: true, expect: nil)
            }
        }
    }

    @Test(
        "with force the own session ends whatever the provider answers",
        arguments: [
            (RevocationOutcome.confirmed, true, false), (.unreachable(), false, true),
            (.misconfigured(reason: "r"), false, true), (.rejected(reason: "r"), false, true),
            (.notSupported, false, false),
        ])
    func forcedOutcomes(outcome: RevocationOutcome, isConfirmed: Bool, isPending: Bool) async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn()
        async let revoked = harness.keeper.revoke(.all, force: true, expect: nil)
        await harness.provider.nextCall().answer(revocation: outcome)
        let result = try await revoked
        #expect(result.isConfirmed == isConfirmed && result.isPending == isPending)
        #expect(result.publication.snapshot.phase == .signedOut && result.publication.session == nil)
        #expect(result.publication.snapshot.heartbeat.nextAttemptAt == nil)
        #expect(harness.vault.record(of: "p")?.revocations.count == (isPending ? 1 : 0))
    }

    @Test(
        "without force every failure keeps the session and leaves nothing queued",
        arguments: [
            (RevocationOutcome.misconfigured(reason: "r"), KeeperError.misconfigured(reason: "r")),
            (.rejected(reason: "r", status: 403), .upstreamRejected(reason: "r", status: 403)),
            (.notSupported, .notSupported(method: "session.revoke")),
        ])
    func failures(outcome: RevocationOutcome, error: KeeperError) async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn()
        let revoked = Task { try await harness.keeper.revoke(.all, force: false, expect: nil) }
        await harness.provider.nextCall().answer(revocation: outcome)
        await #expect(throws: error) { try await revoked.value }
        #expect(harness.snapshot.phase == .active)
        #expect(harness.vault.record(of: "p")?.revocations.isEmpty == true)
    }

    @Test(
        "what its caller was told is off is not asked for behind his back, though the machine slept meanwhile",
        arguments: [true, false])
    func withdrawn(rotates: Bool) async throws {
        var traits = ProviderTraits.scripted
        traits.rotatesCredentials = rotates
        let harness = await KeeperHarness.started(provider: ScriptedProvider(traits: traits))
        try await harness.signIn(expiresInMs: nil)
        let revoked = Task { try await harness.keeper.revoke(.current, force: false, expect: nil) }
        let call = await harness.provider.nextCall()
        harness.clock.advance(byMs: 100_000)
        await #expect(throws: KeeperError.self) { try await revoked.value }
        call.answer(revocation: .unreachable())
        let validated = Task { try await harness.keeper.authenticate(durationMinutes: nil, expect: nil) }
        let next = await harness.provider.nextCall()
        if case .validate = next.question {} else { Issue.record("asked for \(next.question)") }
        next.answer(.confirmed(.of("t1", expiresAt: nil)))
        _ = await validated.result
        #expect(harness.snapshot.phase == .active && harness.provider.askedCount == 3)
    }

    @Test("where some of the others are refused for good, force ends the own session at the provider all the same")
    func partly() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn()
        let refused = Task { try await harness.keeper.revoke(.all, force: false, expect: nil) }
        await harness.provider.nextCall().answer(revocation: .partly)
        await #expect(throws: KeeperError.self) { try await refused.value }
        #expect(harness.snapshot.phase == .active && harness.vault.record(of: "p")?.revocations == [])

        async let forced = harness.keeper.revoke(.all, force: true, expect: nil)
        await harness.provider.nextCall().answer(revocation: .partly)
        #expect(try await forced.isPending && harness.snapshot.phase == .signedOut)
        let call = await harness.provider.nextCall()
        guard case .revoke(.current) = call.question else {
            Issue.record("the own session is not asked for")
            return
        }
        call.answer(revocation: .confirmed)
        await harness.until { _ in harness.vault.record(of: "p")?.revocations.isEmpty != false }
    }

    @Test("ending the others leaves the own session alone")
    func others() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn()
        async let revoked = harness.keeper.revoke(.others, force: true, expect: nil)
        await harness.provider.nextCall().answer(revocation: .confirmed)
        let result = try await revoked
        #expect(result.isConfirmed && !result.isPending && result.publication.snapshot.phase == .active)
    }

    @Test("revoking the own session by its id is revoking the current one")
    func ownByID() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn()
        async let revoked = harness.keeper.revoke(.session(id: "id-t1"), force: false, expect: nil)
        let call = await harness.provider.nextCall()
        guard case .revoke(.current) = call.question else {
            Issue.record("asked \(call.question)")
            return
        }
        call.answer(revocation: .confirmed)
        #expect(try await revoked.publication.snapshot.phase == .signedOut)
    }

    @Test("refused for good: the caller is told why, and the own session is kept")
    func refused() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn()
        let revoked = Task { try await harness.keeper.revoke(.session(id: "x"), force: true, expect: nil) }
        await harness.provider.nextCall().answer(revocation: .rejected(reason: "session_not_found"))
        await #expect(throws: KeeperError.upstreamRejected(reason: "session_not_found", status: nil)) {
            try await revoked.value
        }
        #expect(harness.snapshot.phase == .active)
    }
}
