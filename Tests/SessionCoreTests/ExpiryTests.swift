import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Expiry", .timeLimit(.minutes(1)))
struct ExpiryTests {
    @Test("a session ends exactly at its end, without a call")
    func exactly() async throws {
        let harness = await KeeperHarness.started { $0.heartbeat.intervalMs = 10_000_000 }
        let signedIn = try await harness.signIn(expiresInMs: 60_000)
        let asked = harness.provider.askedCount
        await harness.clock.sleeperArrives(withinMs: 60_000)
        harness.clock.advance(byMs: 59_999)
        #expect(await harness.keeper.settle().snapshot.phase == .active)
        harness.clock.advance(byMs: 1)
        let ended = await harness.until { $0.snapshot.phase == .signedOut }.snapshot
        #expect(ended.cause.kind == .expired && ended.expiresAt == nil && ended.revision == signedIn.revision + 1)
        #expect(ended.objects == ["session": .unavailable(.expired), "user": .unavailable(.expired)])
        #expect(harness.provider.askedCount == asked)
    }

    @Test("a publication is not current past its end even before the keeper has woken")
    func readersSeeTheEnd() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(expiresInMs: 60_000)
        let publication = harness.keeper.publication
        let now = harness.clock.now()
        #expect(publication.isCurrent(at: Moment(wall: now.wall + 59_999, boot: now.boot + 59_999)))
        #expect(!publication.isCurrent(at: Moment(wall: now.wall + 60_000, boot: now.boot)))
        #expect(!publication.isCurrent(at: Moment(wall: now.wall, boot: now.boot + 60_000)))
    }

    @Test("a wall clock that is set back does not lengthen a session")
    func clockSetBack() async throws {
        let harness = await KeeperHarness.started { $0.heartbeat.intervalMs = 10_000_000 }
        try await harness.signIn(expiresInMs: 60_000)
        harness.clock.stepWall(byMs: -3_600_000)
        harness.clock.advance(byMs: 60_000)
        #expect(await harness.keeper.settle().snapshot.cause.kind == .expired)
    }

    @Test("a wall clock that jumps past the end ends the session when the keeper is told")
    func clockSetForward() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(expiresInMs: 60_000)
        harness.clock.stepWall(byMs: 60_000)
        await harness.keeper.timeHasJumped()
        #expect(harness.snapshot.cause.kind == .expired)
    }

    @Test("a resume asks at once, whatever the backoff says")
    func resume() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(expiresInMs: nil)
        harness.clock.advance(byMs: 180_000)
        await harness.provider.nextCall().answer(.unreachable(retryAfterMs: 256_000))
        await harness.until { $0.snapshot.phase == .stale }
        await harness.keeper.timeHasJumped()
        await harness.provider.nextCall().answer(.confirmed(.of("t1", expiresAt: nil)))
        await harness.until { $0.snapshot.phase == .active }
    }

    @Test("past its end a stored session is signed out without a call")
    func restoredExpired() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(expiresInMs: 60_000)
        harness.clock.advance(byMs: 60_001)
        let again = await KeeperHarness.started(clock: harness.clock, vault: harness.vault, instance: "i2")
        #expect(again.snapshot.phase == .signedOut && again.snapshot.cause.kind == .expired)
        #expect(again.provider.askedCount == 0)
    }

    @Test("an answer that comes after the end does not revive the session")
    func lateConfirmation() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(expiresInMs: 181_000)
        harness.clock.advance(byMs: 180_000)
        let call = await harness.provider.nextCall()
        harness.clock.advance(byMs: 1000)
        await harness.until { $0.snapshot.phase == .signedOut }
        call.answer(.confirmed(.of("t1", expiresAt: harness.clock.now().wall + 600_000)))
        #expect(await harness.keeper.settle().snapshot.cause.kind == .expired)
    }

    struct WhileAway: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Of a session that ends in 60 s: what happens while no daemon runs, and whether it has ended then.
        var happens: @Sendable (ManualClock) -> Void
        var isOver: Bool
    }

    @Test(
        "what ended while no daemon ran has ended, whatever became of the clocks meanwhile",
        arguments: [
            WhileAway(testDescription: "time passes", happens: { $0.advance(byMs: 60_000) }, isOver: true),
            WhileAway(
                testDescription: "time passes and the wall clock is set back",
                happens: {
                    $0.advance(byMs: 60_000)
                    $0.stepWall(byMs: -3_600_000)
                }, isOver: true),
            WhileAway(
                testDescription: "the wall clock is set forward", happens: { $0.stepWall(byMs: 60_000) }, isOver: true),
            WhileAway(
                testDescription: "the wall clock is set back, and no time passes",
                happens: { $0.stepWall(byMs: -3_600_000) }, isOver: false),
            WhileAway(testDescription: "a little time passes", happens: { $0.advance(byMs: 59_999) }, isOver: false),
            WhileAway(
                testDescription: "the machine starts again and its clock counts less",
                happens: { $0.reboot(as: "b2") }, isOver: false),
            WhileAway(
                testDescription: "the state is brought to a machine that has been up for long",
                happens: {
                    $0.reboot(as: "b3")
                    $0.advance(byMs: 900_000_000)
                    $0.stepWall(byMs: -900_000_000)
                }, isOver: false),
        ])
    func whileAway(_ this: WhileAway) async throws {
        let harness = await KeeperHarness.started(clock: ManualClock(bootID: "b1")) {
            $0.heartbeat.intervalMs = 10_000_000
        }
        let signedIn = try await harness.signIn(expiresInMs: 60_000)
        await harness.keeper.shutDown()
        this.happens(harness.clock)
        let again = await KeeperHarness.started(clock: harness.clock, vault: harness.vault, instance: "i2")
        #expect(again.snapshot.phase == (this.isOver ? .signedOut : .unverified))
        #expect(again.snapshot.cause.kind == (this.isOver ? .expired : .restored))
        #expect(again.snapshot.expiresAt == (this.isOver ? nil : signedIn.expiresAt))
        // What was set back once is not forgotten over another restart.
        await again.keeper.shutDown()
        let third = await KeeperHarness.started(clock: harness.clock, vault: harness.vault, instance: "i3")
        #expect(third.snapshot.phase == (this.isOver ? .signedOut : .unverified))
        if !this.isOver {
            harness.clock.advance(byMs: 60_000)
            #expect(await third.keeper.settle().snapshot.cause.kind == .expired)
        }
    }

    @Test("a restart within a boot writes nothing where nothing has changed")
    func restartWritesNothing() async throws {
        let harness = await KeeperHarness.started(clock: ManualClock(bootID: "b1"))
        try await harness.signIn(expiresInMs: 60_000)
        await harness.keeper.shutDown()
        let saves = harness.vault.saves
        harness.clock.advance(byMs: 10)
        harness.clock.stepWall(byMs: 3)
        _ = await KeeperHarness.started(clock: harness.clock, vault: harness.vault, instance: "i2")
        #expect(harness.vault.saves == saves)
    }

    @Test(
        "a short-lived token that has ended by the boot clock is renewed, whatever the wall clock says",
        arguments: [false, true])
    func tokenEnds(isRestarted: Bool) async throws {
        let harness = await KeeperHarness.started(clock: ManualClock(bootID: "b1")) {
            $0.heartbeat.intervalMs = 10_000_000
        }
        async let signingIn = harness.keeper.signIn(
            method: "password", fields: SignInFields(["username": "ada", "password": "correct horse"]),
            durationMinutes: nil, expect: nil)
        let start = harness.clock.now().wall
        await harness.provider.nextCall().answer(
            .confirmed(.of("t1", expiresAt: start + 3_600_000, jwtExpiresAt: start + 60_000)))
        _ = try await signingIn
        #expect(harness.keeper.publication.jwtDeadline?.left(at: harness.clock.now()) == 60_000)
        harness.clock.stepWall(byMs: -600_000)
        var publication = harness.keeper.publication
        if isRestarted {
            await harness.keeper.shutDown()
            let again = await KeeperHarness.started(clock: harness.clock, vault: harness.vault, instance: "i2")
            publication = again.keeper.publication
        }
        harness.clock.advance(byMs: 60_000)
        #expect(publication.jwtDeadline?.left(at: harness.clock.now()) == 0)
    }
}
