import Logging
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Operational events", .timeLimit(.minutes(1)))
struct EventTests {
    @Test("every event has an id and a name of its own, in the form that the journal takes")
    func identity() {
        let all = OperationalEvent.allCases
        #expect(Set(all.map(\.messageID)).count == all.count)
        for event in all {
            #expect(event.messageID.count == 32 && event.messageID.allSatisfy { "0123456789abcdef".contains($0) })
            #expect(event.rawValue.allSatisfy { $0 == "-" || ("a"..."z").contains($0) }, "\(event)")
        }
    }

    @Test("only conditions are resolved, and no event resolves itself")
    func resolving() {
        for event in OperationalEvent.allCases {
            #expect(event.resolves.allSatisfy { $0.isCondition }, "\(event)")
            #expect(!event.resolves.contains(event) && !(event.isCondition && !event.resolves.isEmpty), "\(event)")
        }
    }

    @Test("what an event is, is in its metadata for whoever writes it, and below the level nothing is made")
    func logged() async {
        let recorder = EventRecorder()
        var logger = recorder.logger
        logger.logLevel = .warning
        logger.event(.signedIn, "\({ () -> String in Issue.record("made"); return "" }())")
        logger.event(.incident, "m")
        #expect(await recorder.next(1) == [.incident])
    }

    private static func started(_ recorder: EventRecorder) async -> KeeperHarness {
        let harness = KeeperHarness(logger: recorder.logger)
        await harness.keeper.start()
        return harness
    }

    @Test("signing in, trouble, being confirmed again and expiry are told, each once")
    func life() async throws {
        let recorder = EventRecorder()
        let harness = await Self.started(recorder)
        try await harness.signIn(expiresInMs: 200_000)
        let end = harness.snapshot.expiresAt
        harness.clock.advance(byMs: 180_000)
        await harness.provider.nextCall().answer(.unreachable())
        await harness.until { $0.snapshot.phase == .stale }
        await harness.clock.sleeperArrives(withinMs: 4000)
        harness.clock.advance(byMs: 4000)
        await harness.provider.nextCall().answer(.confirmed(.of("t1", expiresAt: end)))
        await harness.until { $0.snapshot.phase == .active }
        harness.clock.advance(byMs: 16_000)
        await harness.until { $0.snapshot.phase == .signedOut }
        let told = await recorder.next(4)
        #expect(told == [.signedIn, .heartbeatFailed, .sessionConfirmed, .sessionExpired])
    }

    @Test("an end by the auth service's word is told as that", arguments: [true, false])
    func ended(isExpiry: Bool) async throws {
        let recorder = EventRecorder()
        let harness = await Self.started(recorder)
        try await harness.signIn()
        harness.clock.advance(byMs: 180_000)
        await harness.provider.nextCall().answer(.ended(isExpiry ? .expired : .endedElsewhere))
        #expect(await recorder.next(2) == [.signedIn, isExpiry ? .sessionExpired : .sessionEnded])
    }

    @Test("a session that expired while nobody was there is told at the start")
    func expiredMeanwhile() async throws {
        let first = await KeeperHarness.started()
        try await first.signIn(expiresInMs: 60_000)
        await first.keeper.shutDown()
        first.clock.advance(byMs: 60_000)
        let recorder = EventRecorder()
        let second = KeeperHarness(
            clock: first.clock, vault: first.vault, instance: "i2", logger: recorder.logger)
        await second.keeper.start()
        #expect(await recorder.next(1) == [.sessionExpired])
    }

    @Test("a forced sign-out tells the end, that the revocation waits, and that it is confirmed")
    func revocation() async throws {
        let recorder = EventRecorder()
        let harness = await Self.started(recorder)
        try await harness.signIn()
        async let revoked = harness.keeper.revoke(.current, force: true, expect: nil)
        await harness.provider.nextCall().answer(revocation: .unreachable())
        _ = try await revoked
        await harness.clock.sleeperArrives(withinMs: 4000)
        harness.clock.advance(byMs: 4000)
        await harness.provider.nextCall().answer(revocation: .rejected(reason: "r", status: 403))
        #expect(await recorder.next(3) == [.signedIn, .signedOut, .revocationQueued])
        #expect(await recorder.next(1) == [.revocationRefused])
        await harness.clock.sleeperArrives(withinMs: 8000)
        harness.clock.advance(byMs: 8000)
        await harness.provider.nextCall().answer(revocation: .confirmed)
        #expect(await recorder.next(1) == [.revocationConfirmed])
    }

    @Test("a store that fails and works again is told, and so is a record that cannot be opened")
    func store() async throws {
        let recorder = EventRecorder()
        let harness = await Self.started(recorder)
        try await harness.signIn()
        harness.vault.failure = .storeFailed
        harness.clock.advance(byMs: 180_000)
        await harness.provider.nextCall().answer(.ended(.endedElsewhere))
        #expect(await recorder.next(3) == [.signedIn, .storeFailing, .sessionEnded])
        harness.vault.failure = nil
        await harness.keeper.retryStoreNow()
        #expect(await recorder.next(1) == [.storeWorks])

        harness.vault.failure = .keyUnavailable
        let sealed = EventRecorder()
        let other = KeeperHarness(clock: harness.clock, vault: harness.vault, logger: sealed.logger)
        await other.keeper.start()
        harness.vault.failure = nil
        await other.keeper.retryStoreNow()
        #expect(await sealed.next(2) == [.profileSealed, .storeWorks])
    }
}
