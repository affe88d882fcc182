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
}
