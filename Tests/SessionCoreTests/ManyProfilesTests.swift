import Logging
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("A thousand profiles", .timeLimit(.minutes(2)))
struct ManyProfilesTests {
    @Test("every one is confirmed by its heartbeat, and stops without leaving anything asleep")
    func thousand() async throws {
        let clock = ManualClock()
        let vault = MemoryVault()
        let provider = ScriptedProvider { question, session in
            guard case .change = question else {
                return .init(outcome: .confirmed(.of(session?.tokens.sessionToken?.reveal() ?? "", expiresAt: nil)))
            }
            return .init(outcome: .confirmed(.of("t", expiresAt: nil)))
        }
        let keepers = (0..<1000).map { number in
            SessionKeeper(
                settings: ProfileSettings(
                    profile: "p\(number)", instance: "i", traits: provider.traits,
                    heartbeat: HeartbeatPolicy(jitter: 0)),
                provider: provider, vault: vault, clock: clock,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, onPublish: { _ in })
        }
        for keeper in keepers {
            await keeper.start()
            _ = try await keeper.signIn(
                method: "password", fields: SignInFields([:]), durationMinutes: nil, expect: nil)
        }
        let asked = provider.askedCount
        #expect(asked == 1000)
        clock.advance(byMs: 180_000)
        for keeper in keepers {
            // Joins the heartbeat that is under way or due.
            _ = try await keeper.authenticate(durationMinutes: nil, expect: nil)
        }
        #expect(provider.askedCount - asked <= 2000)
        for keeper in keepers {
            #expect(keeper.publication.snapshot.lastValidatedAt == clock.now().wall)
            await keeper.shutDown()
        }
        #expect(provider.waitingCount == 0)
        // Sleeps that are cancelled end on their own threads.
        while clock.sleeperCount > 0 { await Task.yield() }
    }
}
