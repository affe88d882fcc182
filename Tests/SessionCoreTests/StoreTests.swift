import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Store", .timeLimit(.minutes(1)))
struct StoreTests {
    @Test("a restart restores the session unverified, with its tokens, objects and times, and asks at once")
    func restored() async throws {
        let harness = await KeeperHarness.started()
        let signedIn = try await harness.signIn()
        harness.clock.advance(byMs: 5000)
        let again = await KeeperHarness.started(clock: harness.clock, vault: harness.vault, instance: "i2")
        let restored = again.snapshot
        #expect(restored.phase == .unverified && restored.cause.kind == .restored && restored.instance == "i2")
        #expect(restored.objects == signedIn.objects && restored.expiresAt == signedIn.expiresAt)
        #expect(restored.lastValidatedAt == signedIn.lastValidatedAt)
        #expect(again.keeper.publication.session?.tokens.sessionToken == Secret("t1"))
        await again.provider.nextCall().answer(.confirmed(.of("t1", expiresAt: signedIn.expiresAt)))
        let confirmed = await again.until { $0.snapshot.phase == .active }.snapshot
        #expect(confirmed.cause.kind == .validated)
    }

    @Test(
        "a heartbeat that says nothing new is not written for itself: with the next change, after ten minutes, at the end"
    )
    func confirmations() async throws {
        let harness = await KeeperHarness.started()
        let signedIn = try await harness.signIn()
        let saves = harness.vault.saves
        func beat(_ edit: (inout SessionCore.Confirmation) -> Void = { _ in }) async {
            await harness.clock.sleeperArrives(withinMs: 180_000)
            harness.clock.advance(byMs: 180_000)
            let call = await harness.provider.nextCall()
            var confirmation = Confirmation.of("t1", expiresAt: signedIn.expiresAt)
            confirmation.objects["session"] = ["id": "id-t1", "lastSeenAt": .integer(harness.clock.now().wall)]
            edit(&confirmation)
            call.answer(.confirmed(confirmation))
            _ = await harness.until { $0.snapshot.heartbeat.lastSuccessAt == harness.clock.now().wall }
        }
        func stored() -> Int64? { harness.vault.record(of: "p")?.session?.lastValidatedAt }
        for _ in 0..<3 { await beat() }
        #expect(harness.vault.saves == saves && stored() == signedIn.lastValidatedAt)
        // The fourth is the first after ten minutes: what is written then is the third, as it begins.
        let third = harness.clock.now().wall
        await beat()
        #expect(harness.vault.saves == saves + 1 && stored() == third)
        await beat { $0.objects["user"] = ["name": "Grace"] }
        #expect(harness.vault.saves == saves + 2 && stored() == harness.clock.now().wall)
        await beat { $0.objects["user"] = ["name": "Grace"] }
        #expect(harness.vault.saves == saves + 2)
        await harness.keeper.shutDown()
        #expect(harness.vault.saves == saves + 3 && stored() == harness.clock.now().wall)
    }

    @Test("a store that fails: the caller is told, the old state stays, reads go on, and the new session is given up")
    func storeFails() async throws {
        let harness = await KeeperHarness.started()
        let before = try await harness.signIn(token: "t1")
        harness.vault.failure = .storeFailed
        let failed = Task {
            try await harness.keeper.signIn(
                method: "password", fields: SignInFields([:]), durationMinutes: nil, expect: nil)
        }
        await harness.provider.nextCall().answer(.confirmed(.of("t2", expiresAt: nil)))
        let undo = await harness.provider.nextCall()
        guard case .revoke(.current) = undo.question else {
            Issue.record("asked \(undo.question)")
            return
        }
        #expect(undo.session?.tokens.sessionToken == Secret("t2"))
        undo.answer(revocation: .confirmed)
        await #expect(throws: KeeperError.storeFailed) { try await failed.value }
        #expect(harness.snapshot == before)
        #expect(harness.keeper.publication.session?.tokens.sessionToken == Secret("t1"))
        #expect(harness.keeper.isStoreFailing)
        harness.vault.failure = nil
        await harness.clock.sleeperArrives(withinMs: 4000)
        harness.clock.advance(byMs: 4000)
        await harness.keeper.retryStoreNow()
        #expect(!harness.keeper.isStoreFailing)
    }

    @Test("tokens that a heartbeat rotated are kept in memory while the store fails, and stored when it works again")
    func rotationWhileFailing() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(expiresInMs: nil)
        harness.vault.failure = .storeFailed
        harness.clock.advance(byMs: 180_000)
        await harness.provider.nextCall().answer(.confirmed(.of("t2", expiresAt: nil)))
        await harness.until { $0.session?.tokens.sessionToken == Secret("t2") }
        #expect(harness.vault.record(of: "p")?.session?.tokens.sessionToken == Secret("t1"))
        harness.vault.failure = nil
        await harness.keeper.retryStoreNow()
        #expect(harness.vault.record(of: "p")?.session?.tokens.sessionToken == Secret("t2"))
    }

    @Test(
        "an unreadable key seals the profile: nothing is written, changes are refused, and it opens when the key is back"
    )
    func sealed() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(expiresInMs: nil)
        harness.vault.failure = .keyUnavailable
        let again = await KeeperHarness.started(clock: harness.clock, vault: harness.vault, instance: "i2")
        #expect(again.snapshot.phase == .sealed && again.snapshot.cause.kind == .keyUnavailable)
        #expect(again.snapshot.objects["user"] == .unavailable(.sealed))
        await #expect(throws: KeeperError.keyUnavailable) { try await again.keeper.invalidate(expect: nil) }
        harness.vault.failure = nil
        await again.clock.sleeperArrives(withinMs: 4000)
        again.clock.advance(byMs: 4000)
        await again.until { $0.snapshot.phase == .unverified }
    }

    @Test("a record of a later version is left as it is, and the profile is sealed")
    func laterVersion() async throws {
        let vault = MemoryVault()
        let later = JSONValue.object(["version": 2, "session": ["anything": true]]).encoded
        try vault.save(SealedRecord(generation: 7, payload: later), profile: "p", provider: "scripted")
        let harness = await KeeperHarness.started(vault: vault)
        #expect(harness.snapshot.phase == .sealed)
        await harness.keeper.timeHasJumped()
        await harness.keeper.shutDown()
        #expect(try vault.load(profile: "p", provider: "scripted")?.payload == later)
    }

    @Test(
        "a save that failed may have happened: the newest state is written again, even where nothing has changed since")
    func inDoubt() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(token: "t1", expiresInMs: nil)
        harness.vault.failure = .storeFailed
        harness.vault.storesWhileFailing = true
        let failed = Task {
            try await harness.keeper.signIn(
                method: "password", fields: SignInFields([:]), durationMinutes: nil, expect: nil)
        }
        await harness.provider.nextCall().answer(.confirmed(.of("t2", expiresAt: nil)))
        await harness.provider.nextCall().answer(revocation: .confirmed)
        await #expect(throws: KeeperError.storeFailed) { try await failed.value }
        #expect(harness.vault.record(of: "p")?.session?.tokens.sessionToken == Secret("t2"))
        harness.vault.failure = nil
        _ = await harness.keeper.settle()
        #expect(harness.keeper.isStoreFailing, "nothing has been written since")
        await harness.keeper.retryStoreNow()
        #expect(harness.vault.record(of: "p")?.session?.tokens.sessionToken == Secret("t1"))
        #expect(!harness.keeper.isStoreFailing)
    }

    @Test("a heartbeat that fails is no write")
    func writes() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(expiresInMs: nil)
        let saves = harness.vault.saves
        harness.clock.advance(byMs: 180_000)
        await harness.provider.nextCall().answer(.unreachable())
        await harness.until { $0.snapshot.phase == .stale }
        #expect(harness.vault.saves == saves)
    }

    @Test("a damaged record starts signed out and says so")
    func corrupt() async throws {
        let harness = KeeperHarness()
        harness.vault.failure = .recordCorrupt
        await harness.keeper.start()
        #expect(harness.snapshot.phase == .signedOut && harness.snapshot.cause.kind == .recordCorrupt)
    }

    @Test("clearLocal deletes what is stored; heartbeats do not store again; the next sign-in does")
    func clearLocal() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(token: "t1", expiresInMs: nil)
        let cleared = try await harness.keeper.clearLocal(expect: nil).snapshot
        #expect(cleared.phase == .active && cleared.cause.kind == .cleared)
        #expect(harness.vault.record(of: "p") == nil)
        harness.clock.advance(byMs: 180_000)
        await harness.provider.nextCall().answer(.confirmed(.of("t1", expiresAt: nil, user: "eve")))
        await harness.until { $0.snapshot.lastValidatedAt == harness.clock.now().wall }
        #expect(harness.vault.record(of: "p") == nil)
        let again = await KeeperHarness.started(clock: harness.clock, vault: harness.vault, instance: "i2")
        #expect(again.snapshot.cause.kind == .neverSignedIn)
        try await harness.signIn(token: "t2")
        #expect(harness.vault.record(of: "p")?.session?.tokens.sessionToken == Secret("t2"))
    }

    @Test("a signed-out profile keeps its cause over a restart")
    func causeSurvives() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn()
        let left = try await harness.keeper.invalidate(expect: nil).snapshot
        #expect(left.cause.kind == .invalidated)
        let again = await KeeperHarness.started(clock: harness.clock, vault: harness.vault, instance: "i2")
        #expect(again.snapshot.cause == left.cause)
    }
}
