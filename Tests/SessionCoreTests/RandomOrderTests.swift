import SessionCore
import SessionProtocol
import SessionTesting
import Synchronization
import Testing

/// Promises 1 to 5 over random orders of events: sign-ins, extensions, revocations, failures of provider and disk,
/// time, clock steps and restarts. Each seed is one story; a failure names it.
@Suite("Random orders of events", .timeLimit(.minutes(3)))
struct RandomOrderTests {
    @Test(
        "no waiter is left, no ended session returns, revisions only grow, a restart restores what was acknowledged",
        arguments: 0..<150)
    func story(seed: UInt64) async throws {
        var story = Story(seed: seed)
        await story.begin()
        for _ in 0..<60 { await story.step() }
        await story.end()
    }
}

private struct Story {
    private var dice: SplitMix
    private let clock = ManualClock()
    private let vault = MemoryVault()
    private let service: FakeService
    private var harness: KeeperHarness
    private var restarts = 0
    private var lastRevision: Int64 = -1

    init(seed: UInt64) {
        dice = SplitMix(state: seed)
        let service = FakeService(seed: seed &+ 1000)
        self.service = service
        harness = KeeperHarness(
            clock: clock, provider: ScriptedProvider(rule: service.answer), vault: vault, instance: "i0")
    }

    mutating func begin() async { await harness.keeper.start() }

    mutating func step() async {
        switch dice.next() % 12 {
        case 0, 1: await together(changes: 3)
        case 2: clock.advance(byMs: Int64(dice.next() % 400_000))
        case 3:
            clock.stepWall(byMs: Int64(dice.next() % 7_200_000) - 3_600_000)
            await harness.keeper.timeHasJumped()
        case 4: vault.failure = vault.failure == nil ? .storeFailed : nil
        case 5: service.toggleOutage()
        case 6: service.endEverything()
        case 7: await restart()
        default: await together(changes: 1)
        }
        await check()
    }

    /// Starts several changes at once; each must come back.
    private mutating func together(changes: Int) async {
        let kinds = (0..<changes).map { _ in dice.next() % 8 }
        let keeper = harness.keeper
        await whileTimePasses {
            await withTaskGroup(of: Void.self) { group in
                for kind in kinds {
                    group.addTask { await Story.run(kind, on: keeper) }
                }
            }
        }
    }

    /// Second questions and time limits end by the clock: it moves on whenever somebody waits for it to.
    private func whileTimePasses(_ body: () async -> Void) async {
        let clock = clock
        let ticker = Task {
            while !Task.isCancelled {
                await clock.sleeperArrives(withinMs: 2000)
                if !Task.isCancelled { clock.advance(byMs: 2000) }
                await Task.yield()
            }
        }
        await body()
        ticker.cancel()
        await ticker.value
    }

    private static func run(_ kind: UInt64, on keeper: SessionKeeper) async {
        do {
            switch kind {
            case 0, 1:
                _ = try await keeper.signIn(
                    method: "password", fields: SignInFields([:]), durationMinutes: nil, expect: nil)
            case 2: _ = try await keeper.authenticate(durationMinutes: nil, expect: nil)
            case 3: _ = try await keeper.authenticate(durationMinutes: 30, expect: nil)
            case 4: _ = try await keeper.revoke(.current, force: false, expect: nil)
            case 5: _ = try await keeper.revoke(.current, force: true, expect: nil)
            case 6: _ = try await keeper.tokens(minValidMs: 60_000)
            default: _ = try await keeper.invalidate(expect: nil)
            }
        } catch {
            // Every error is an answer. That each call comes back at all is what this story checks.
        }
    }

    private mutating func restart() async {
        // Nothing is told to stop: the process is gone between one instruction and the next.
        let stored = vault.record(of: "p")
        let ended = service.tokensOfEndedSessions
        restarts += 1
        lastRevision = -1
        harness = KeeperHarness(
            clock: clock, provider: ScriptedProvider(rule: service.answer), vault: vault, instance: "i\(restarts)")
        await harness.keeper.start()
        let restored = harness.keeper.publication
        guard vault.failure == nil else {
            #expect(restored.snapshot.phase == .sealed)
            return
        }
        let isLive = stored?.session.map { $0.expiresAt.map { $0 > clock.now().wall } ?? true } ?? false
        if isLive, restored.snapshot.cause.kind == .restored {
            #expect(restored.session?.tokens.sessionToken == stored?.session?.tokens.sessionToken)
        } else if restored.snapshot.phase == .active, let token = restored.session?.tokens.sessionToken {
            // The validation that follows a restore has already answered.
            #expect(!ended.contains(token.reveal()))
        }
    }

    private mutating func check() async {
        let publication = await harness.keeper.settle()
        let snapshot = publication.snapshot
        #expect(snapshot.revision >= lastRevision)
        lastRevision = snapshot.revision
        if let end = snapshot.expiresAt { #expect(end > clock.now().wall, "an expired session is served") }
        if snapshot.phase == .active, service.isReachable, let token = publication.session?.tokens.sessionToken {
            #expect(service.everIssued(token.reveal()))
        }
        if [.signedOut, .sealed, .challenged].contains(snapshot.phase) { #expect(publication.session == nil) }
        #expect(harness.provider.mostInFlight <= 8)
    }

    /// Peace: the service answers, the disk works. What the service has ended must be found out.
    mutating func end() async {
        vault.failure = nil
        service.bePeaceful()
        await harness.keeper.retryStoreNow()
        clock.advance(byMs: 300_000)
        await harness.keeper.timeHasJumped()
        let keeper = harness.keeper
        // The first answer may be of a flight that began in bad times.
        await whileTimePasses {
            for _ in 0..<2 { _ = try? await keeper.authenticate(durationMinutes: nil, expect: nil) }
        }
        let publication = await harness.keeper.settle()
        if let token = publication.session?.tokens.sessionToken {
            #expect(!service.tokensOfEndedSessions.contains(token.reveal()), "an ended session is served")
            #expect(publication.snapshot.phase == .active)
        }
        await harness.keeper.shutDown()
        #expect(vault.record(of: "p")?.session?.tokens == publication.session?.tokens)
    }
}

/// A service with a memory of its sessions, and moods.
private final class FakeService: Sendable {
    private struct State {
        var dice: SplitMix
        var issued: [String: Bool] = [:]
        var isDown = false
        var isMoody = true
    }
    private let state: Mutex<State>

    init(seed: UInt64) { state = Mutex(State(dice: SplitMix(state: seed))) }

    func toggleOutage() { state.withLock { $0.isDown.toggle() } }
    func bePeaceful() {
        state.withLock {
            $0.isDown = false
            $0.isMoody = false
        }
    }
    func endEverything() { state.withLock { state in for token in state.issued.keys { state.issued[token] = false } } }
    var isReachable: Bool { state.withLock { !$0.isDown } }
    func everIssued(_ token: String) -> Bool { state.withLock { $0.issued[token] != nil } }
    var tokensOfEndedSessions: Set<String> {
        state.withLock { Set($0.issued.filter { !$0.value }.keys) }
    }

    @Sendable func answer(_ question: ScriptedProvider.Question, _ session: ProviderSession?)
        -> ScriptedProvider.Answer?
    {
        state.withLock { state in
            let mood = state.isMoody ? state.dice.next() % 10 : 9
            if state.isDown || mood == 0 { return .init(outcome: .unreachable(), revocation: .unreachable()) }
            let token = session?.tokens.sessionToken?.reveal() ?? ""
            let lives = state.issued[token] == true
            switch question {
            case .change(.signIn):
                if mood == 1 { return .init(outcome: .rejected(reason: "invalid_credentials", status: 401)) }
                let new = "t\(state.issued.count)"
                state.issued[new] = true
                return .init(outcome: .confirmed(.of(new, expiresAt: nil)))
            case .validate, .change:
                if mood == 2 { return .init(outcome: .misconfigured(reason: "key")) }
                return .init(outcome: lives ? .confirmed(.of(token, expiresAt: nil)) : .ended(.endedElsewhere))
            case .revoke:
                state.issued[token] = false
                return .init(revocation: .confirmed)
            case .listSessions, .fetchUser: return .init()
            }
        }
    }
}
