import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("What an answer says beside what was asked", .timeLimit(.minutes(1)))
struct NewsTests {
    private static var rotating: ProviderTraits {
        var traits = ProviderTraits.scripted
        traits.rotatesCredentials = true
        traits.rechecksYoungSessions = false
        return traits
    }

    private static let news = SessionNews(tokens: TokenSet(sessionToken: Secret("t2")))
    private static let refused = KeeperError.upstreamRejected(reason: "r", status: 400)

    private func signedIn() async throws -> KeeperHarness {
        let harness = await KeeperHarness.started(provider: ScriptedProvider(traits: Self.rotating))
        _ = try await harness.signIn()
        return harness
    }

    private func failure(of call: @Sendable () async throws -> some Sendable) async -> KeeperError? {
        do {
            _ = try await call()
            return nil
        } catch { return error as? KeeperError }
    }

    private func expectSecondToken(_ harness: KeeperHarness) {
        #expect(harness.keeper.publication.session?.tokens == Self.news.tokens)
        #expect(harness.vault.record(of: "p")?.session?.tokens == Self.news.tokens)
    }

    @Test("a refused change, question or revocation may replace the tokens; the next call has the new ones")
    func refusals() async throws {
        let lock = try await signedIn()
        async let locked = failure { try await lock.keeper.lock(expect: nil) }
        await lock.provider.nextCall().answer(
            ProviderOutcome.rejected(reason: "r", status: 400).bringing(Self.news))
        #expect(await locked == Self.refused)
        expectSecondToken(lock)

        let fetch = try await signedIn()
        async let fetched = failure { try await fetch.keeper.fetchUser() }
        await fetch.provider.nextCall().answer(query: .rejected(reason: "r", status: 400).bringing(Self.news))
        #expect(await fetched == Self.refused)
        expectSecondToken(fetch)

        let revoke = try await signedIn()
        async let revoked = failure { try await revoke.keeper.revoke(.current, force: false, expect: nil) }
        await revoke.provider.nextCall().answer(
            revocation: .rejected(reason: "r", status: 400).bringing(Self.news))
        #expect(await revoked == Self.refused)
        expectSecondToken(revoke)
        async let again = revoke.keeper.revoke(.current, force: false, expect: nil)
        let call = await revoke.provider.nextCall()
        #expect(call.session?.tokens == Self.news.tokens)
        call.answer(revocation: .confirmed)
        #expect(try await again.isConfirmed && revoke.snapshot.phase == .signedOut)
    }

    @Test("a question that is answered may replace the tokens too")
    func answered() async throws {
        let harness = try await signedIn()
        async let fetched = harness.keeper.fetchUser()
        await harness.provider.nextCall().answer(query: .answer(["name": "eve"]).bringing(Self.news))
        #expect(try await fetched == .available(["name": "eve"], lastValidatedAt: harness.clock.now().wall))
        expectSecondToken(harness)
    }

    @Test("a queued revocation is asked for again with the tokens of the answer before, over a restart")
    func queued() async throws {
        let harness = try await signedIn()
        async let revoked = harness.keeper.revoke(.current, force: true, expect: nil)
        await harness.provider.nextCall().answer(revocation: .unreachable().bringing(Self.news))
        #expect(try await revoked.isPending)
        #expect(harness.vault.record(of: "p")?.revocations.first?.session.tokens == Self.news.tokens)
        await harness.keeper.shutDown()

        let again = await KeeperHarness.started(
            clock: harness.clock, provider: ScriptedProvider(traits: Self.rotating), vault: harness.vault,
            instance: "i2")
        let call = await again.provider.nextCall()
        #expect(call.session?.tokens == Self.news.tokens)
        call.answer(revocation: .confirmed)
        await again.until { _ in again.vault.record(of: "p")?.revocations.isEmpty != false }
    }

    @Test("a young session is asked about again with the tokens of the answer before")
    func secondQuestion() async throws {
        var traits = Self.rotating
        traits.rechecksYoungSessions = true
        let harness = await KeeperHarness.started(provider: ScriptedProvider(traits: traits))
        _ = try await harness.signIn()
        async let revoked = harness.keeper.revoke(.current, force: false, expect: nil)
        await harness.provider.nextCall().answer(revocation: .gone.bringing(Self.news))
        await harness.clock.sleeperArrives(withinMs: 2000)
        harness.clock.advance(byMs: 2000)
        let call = await harness.provider.nextCall()
        #expect(call.session?.tokens == Self.news.tokens)
        call.answer(revocation: .gone)
        #expect(try await revoked.isConfirmed && harness.snapshot.phase == .signedOut)
    }

    @Test("tokens that a later answer brings are those that end a session whose revocation was queued before")
    func handedOver() async throws {
        let clock = ManualClock()
        var machine = ProfileMachine(
            settings: ProfileSettings(
                profile: "p", instance: "i1", traits: Self.rotating, heartbeat: HeartbeatPolicy()),
            at: clock.now())
        machine.restore(nil, at: clock.now())
        _ = machine.signedIn(.of("t1", expiresAt: nil), since: machine.generation, at: clock.now(), dice: 0)
        let entry = machine.queueRevocation(.current, id: "r", at: clock.now())
        let queued = try #require(entry)
        machine.heard(Self.news, since: machine.generation)
        #expect(machine.revocations.first?.stored.session.tokens == Self.news.tokens)
        machine.revocationConfirmed(queued, at: clock.now())
        #expect(machine.phase == .signedOut)
    }

    @Test(
        "a refusal that says that the session has changed is told when a validation has found that it lives",
        arguments: [true, false])
    func staleRefusal(lives: Bool) async throws {
        let harness = try await signedIn()
        let locked = Task { await failure { try await harness.keeper.lock(expect: nil) } }
        await harness.provider.nextCall().answer(
            ProviderOutcome.rejected(reason: "r", status: 400).bringing(SessionNews(isStale: true)))
        let call = await harness.provider.nextCall()
        guard case .validate = call.question else {
            Issue.record("no validation")
            return
        }
        call.answer(lives ? .confirmed(.of("t1", expiresAt: nil, user: "eve")) : .ended(.endedElsewhere))
        #expect(await locked.value == (lives ? Self.refused : .notSignedIn(.signedOut)))
        #expect(harness.snapshot.phase == (lives ? .active : .signedOut))
        guard lives else { return }
        let user = ObjectInfo.available(["name": "eve"], lastValidatedAt: harness.clock.now().wall)
        #expect(harness.snapshot.objects["user"] == user)
    }

    @Test("an answered question that says that the session has changed is followed by a validation, and no more")
    func staleAnswer() async throws {
        let harness = try await signedIn()
        async let fetched = harness.keeper.fetchUser()
        await harness.provider.nextCall().answer(query: .answer([:]).bringing(SessionNews(isStale: true)))
        _ = try await fetched
        // What is stale after a validation stays so until the next one: a service that always says so is not asked in
        // a loop.
        await harness.provider.nextCall().answer(
            ProviderOutcome.rejected(reason: "r").bringing(SessionNews(isStale: true)))
        await harness.until { $0.snapshot.phase == .stale }
        #expect(harness.snapshot.heartbeat.nextAttemptAt ?? 0 > harness.clock.now().wall)
    }

    @Test("a refused answer to a challenge leaves it open with what the next answer needs, over a restart")
    func challenge() async throws {
        let harness = await KeeperHarness.started()
        let pending = PendingChallenge(
            challenge: Challenge(id: "c1", kind: "account", expiresAt: nil, details: [:]),
            continuation: ["jwt": try #require(Secret("j1"))])
        async let begun = harness.keeper.signIn(
            method: "password", fields: SignInFields([:]), durationMinutes: 7, expect: nil)
        await harness.provider.nextCall().answer(.challenge(pending))
        _ = try await begun
        async let refused = failure {
            try await harness.keeper.answer(
                challenge: "c1", fields: SignInFields([:]), durationMinutes: nil, expect: nil)
        }
        var renewed = pending
        renewed.continuation["jwt"] = Secret("j2")
        await harness.provider.nextCall().answer(
            ProviderOutcome.rejected(reason: "r", status: 400).bringing(SessionNews(challenge: renewed)))
        #expect(await refused == Self.refused)
        #expect(harness.snapshot.challenge == pending.challenge && harness.snapshot.phase == .challenged)
        await harness.keeper.shutDown()

        let again = await KeeperHarness.started(clock: harness.clock, vault: harness.vault, instance: "i2")
        async let answered = again.keeper.answer(
            challenge: "c1", fields: SignInFields([:]), durationMinutes: nil, expect: nil)
        let call = await again.provider.nextCall()
        guard case .change(.answer(let asked, _, let minutes)) = call.question else {
            Issue.record("no answer")
            return
        }
        #expect(asked == renewed && minutes == 7)
        call.answer(.confirmed(.of("t1", expiresAt: nil)))
        #expect(try await answered.outcome == .signedIn)
    }
}
