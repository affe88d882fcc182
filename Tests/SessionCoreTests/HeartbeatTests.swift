import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Heartbeat", .timeLimit(.minutes(1)))
struct HeartbeatTests {
    @Test("a heartbeat confirms without changing the revision when only bookkeeping changed")
    func bookkeeping() async throws {
        let harness = await KeeperHarness.started()
        let signedIn = try await harness.signIn()
        #expect(signedIn.phase == .active && signedIn.cause.kind == .signedIn)
        harness.clock.advance(byMs: 180_000)
        let call = await harness.provider.nextCall()
        var confirmation = Confirmation.of("t1", expiresAt: signedIn.expiresAt)
        confirmation.objects["session"] = ["id": "id-t1", "lastSeenAt": 5]
        call.answer(.confirmed(confirmation))
        let after = await harness.until { $0.snapshot.heartbeat.lastSuccessAt == harness.clock.now().wall }.snapshot
        #expect(after.revision == signedIn.revision)
        #expect(after.lastValidatedAt == harness.clock.now().wall)
        #expect(after.cause == signedIn.cause)
    }

    @Test("a heartbeat sets two alarms: for the limit of its call, and for the next one")
    func alarms() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(expiresInMs: nil)
        let before = harness.clock.alarmsSet
        harness.clock.advance(byMs: 180_000)
        await harness.provider.nextCall().answer(.confirmed(.of("t1", expiresAt: nil)))
        await harness.validationIsHeard()
        await harness.keeper.stamp()
        #expect(harness.clock.alarmsSet - before == 2)
    }

    @Test("an unreachable provider makes an active session stale, and success makes it active again")
    func staleAndBack() async throws {
        let harness = await KeeperHarness.started()
        let signedIn = try await harness.signIn()
        harness.clock.advance(byMs: 180_000)
        await harness.provider.nextCall().answer(.unreachable())
        let stale = await harness.until { $0.snapshot.phase == .stale }.snapshot
        #expect(stale.cause.kind == .upstreamUnavailable && stale.heartbeat.failures == 1)
        #expect(stale.heartbeat.lastError?.kind == "upstreamUnavailable")
        #expect(stale.heartbeat.nextAttemptAt == harness.clock.now().wall + 4000)
        #expect(stale.revision == signedIn.revision + 1)
        await harness.clock.sleeperArrives(withinMs: 4000)
        harness.clock.advance(byMs: 4000)
        await harness.provider.nextCall().answer(.confirmed(.of("t1", expiresAt: signedIn.expiresAt)))
        let back = await harness.until { $0.snapshot.phase == .active }.snapshot
        #expect(back.cause.kind == .validated && back.heartbeat.failures == 0 && back.heartbeat.lastError == nil)
    }

    @Test(
        "no failure but the provider's word ends a session",
        arguments: [
            ("unreachable", ProviderOutcome.unreachable(retryAfterMs: 9000), "upstreamUnavailable"),
            ("throttled", .throttled(), "upstreamUnavailable"),
            ("misconfigured", .misconfigured(reason: "r"), "misconfigured"),
            ("rejected", .rejected(reason: "r", status: 403), "upstreamUnavailable"),
            ("not supported", .notSupported, "upstreamUnavailable"),
        ])
    func kept(name: String, outcome: ProviderOutcome, kind: String) async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn()
        harness.clock.advance(byMs: 180_000)
        await harness.provider.nextCall().answer(outcome)
        let kept = await harness.until { $0.snapshot.heartbeat.failures == 1 }
        #expect(kept.snapshot.phase == .stale)
        #expect(kept.snapshot.heartbeat.lastError?.kind == kind)
        #expect(kept.session?.tokens.sessionToken == Secret("t1"))
    }

    @Test("ended about a session of less than 30 seconds is asked for once more before it is believed")
    func youngSession() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn()
        async let authenticated = harness.keeper.authenticate(durationMinutes: nil, expect: nil)
        await harness.provider.nextCall().answer(.ended(.endedElsewhere))
        await harness.clock.sleeperArrives(withinMs: 2000)
        #expect(harness.snapshot.phase == .active)
        harness.clock.advance(byMs: 2000)
        await harness.provider.nextCall().answer(.ended(.endedElsewhere))
        let ended = try await authenticated.snapshot
        #expect(ended.phase == .signedOut && ended.cause.kind == .endedElsewhere)
        #expect(ended.objects["session"] == .unavailable(.signedOut))
        #expect(harness.vault.record(of: "p")?.session == nil)
    }

    @Test("a hung provider is given up after the timeout, and its late answer changes nothing")
    func lateAnswer() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn()
        harness.clock.advance(byMs: 180_000)
        let hung = await harness.provider.nextCall()
        await harness.clock.sleeperArrives(withinMs: 10_000)
        harness.clock.advance(byMs: 10_000)
        await harness.until { $0.snapshot.phase == .stale }
        hung.answer(.ended(.endedElsewhere))
        await harness.clock.sleeperArrives(withinMs: 4000)
        #expect(harness.snapshot.phase == .stale)
    }

    @Test("an answer about an earlier session is dropped when somebody signed in meanwhile")
    func generationGuard() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(token: "t1")
        harness.clock.advance(byMs: 180_000)
        let old = await harness.provider.nextCall()
        try await harness.signIn(token: "t2")
        old.answer(.ended(.endedElsewhere))
        let answered = await harness.keeper.settle()
        #expect(answered.snapshot.phase == .active)
        #expect(harness.keeper.publication.session?.tokens.sessionToken == Secret("t2"))
    }

    @Test("fifty callers share one validation")
    func singleFlight() async throws {
        let harness = await KeeperHarness.started()
        let signedIn = try await harness.signIn()
        let asked = harness.provider.askedCount
        let keeper = harness.keeper
        let all = Task {
            try await withThrowingTaskGroup(of: Phase.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        try await keeper.authenticate(durationMinutes: nil, expect: nil).snapshot.phase
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        await harness.provider.nextCall().answer(.confirmed(.of("t1", expiresAt: signedIn.expiresAt)))
        // Callers that came after the first answer share later flights: answer those too, one at a time.
        harness.provider.answerAll { _, _ in .init(outcome: .confirmed(.of("t1", expiresAt: signedIn.expiresAt))) }
        let phases = try await all.value
        #expect(phases == Array(repeating: .active, count: 50))
        #expect(harness.provider.mostInFlight == 1)
        #expect(harness.provider.askedCount - asked < 50)
    }

    @Test("keepAlive extends with every heartbeat; without it nothing extends")
    func keepAlive() async throws {
        let harness = await KeeperHarness.started { $0.keepAlive = true }
        try await harness.signIn()
        harness.clock.advance(byMs: 180_000)
        let call = await harness.provider.nextCall()
        guard case .change(.extend(60)) = call.question else {
            Issue.record("expected an extension, got \(call.question)")
            return
        }
        call.answer(.unreachable())
    }

    @Test("keepAlive leaves a session alone that somebody has given a later end")
    func keepAliveNeverCuts() async throws {
        let harness = await KeeperHarness.started { $0.keepAlive = true }
        try await harness.signIn(expiresInMs: 7_200_000)
        harness.clock.advance(byMs: 180_000)
        let call = await harness.provider.nextCall()
        guard case .validate = call.question else {
            Issue.record("expected a validation, got \(call.question)")
            return
        }
        call.answer(.unreachable())
    }

    @Test("empty strings are no tokens: an answer that brings none takes none away")
    func emptyTokens() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(expiresInMs: nil)
        harness.clock.advance(byMs: 180_000)
        await harness.provider.nextCall().answer(
            .confirmed(Confirmation(objects: [:], tokens: TokenSet(sessionToken: Secret(""), sessionJwt: Secret("")))))
        let after = await harness.until { $0.snapshot.lastValidatedAt == harness.clock.now().wall }
        #expect(after.session?.tokens.sessionToken == Secret("t1"))
    }

    @Test("no time that a provider tells can stop the daemon", arguments: [Int64.min, .max])
    func absurdTimes(time: Int64) async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(expiresInMs: nil)
        async let authenticated = harness.keeper.authenticate(durationMinutes: nil, expect: nil)
        let confirmation = Confirmation.of("t1", expiresAt: .max, jwtExpiresAt: time, startedAt: time)
        await harness.provider.nextCall().answer(.confirmed(confirmation))
        #expect(try await authenticated.snapshot.expiresAt == 1 << 53 - 1, "the largest that the wire carries")
        harness.provider.answerAll { _, _ in .init(outcome: .confirmed(confirmation)) }
        _ = try await harness.keeper.tokens(minValidMs: 9_007_199_254_740_991)
        await harness.keeper.timeHasJumped()
        let again = KeeperHarness(
            clock: harness.clock, provider: ScriptedProvider { _, _ in .init(outcome: .confirmed(confirmation)) },
            vault: harness.vault, instance: "i2")
        await again.keeper.start()
        await again.until { $0.snapshot.phase == .active }
        harness.provider.answerAll { _, _ in .init(outcome: .confirmed(.of("t1", expiresAt: .min))) }
        #expect(try await harness.keeper.authenticate(durationMinutes: nil, expect: nil).snapshot.phase == .signedOut)
    }

    @Test("signed out there is no next attempt")
    func signedOut() async throws {
        let harness = await KeeperHarness.started()
        #expect(harness.snapshot.heartbeat.nextAttemptAt == nil)
        let signedIn = try await harness.signIn()
        #expect(signedIn.heartbeat.nextAttemptAt == harness.clock.now().wall + 180_000)
        harness.clock.stepWall(byMs: 86_400_000 * -3)
        await harness.keeper.timeHasJumped()
        #expect(harness.snapshot.heartbeat.nextAttemptAt == harness.clock.now().wall, "told on the clock as it is now")
        let left = try await harness.keeper.invalidate(expect: nil).snapshot
        #expect(left.heartbeat == HeartbeatStatus(intervalMs: 180_000))
    }

    @Test(
        "backoff doubles from 4 to 256 seconds, and Retry-After counts up to 256 seconds and never shortens it",
        arguments: [
            (1, nil, 4000), (2, nil, 8000), (7, nil, 256_000), (400, nil, 256_000), (1, 1000, 4000),
            (1, 60_000, 60_000), (1, 9_000_000, 256_000), (3, -5, 16_000),
        ] as [(Int64, Int64?, Int64)])
    func backoff(failures: Int64, retryAfter: Int64?, delay: Int64) async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(expiresInMs: nil)
        harness.clock.advance(byMs: 180_000)
        for failure in 1...failures {
            let call = await harness.provider.nextCall()
            call.answer(.unreachable(retryAfterMs: failure == failures ? retryAfter : nil))
            let failed = await harness.until { $0.snapshot.heartbeat.failures == failure }.snapshot
            let wait = (failed.heartbeat.nextAttemptAt ?? 0) - harness.clock.now().wall
            if failure == failures {
                #expect(wait == delay)
            } else {
                await harness.clock.sleeperArrives(withinMs: wait)
                harness.clock.advance(byMs: wait)
            }
        }
    }
}
