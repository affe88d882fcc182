import Logging
package import SessionCore
package import SessionProtocol
import Synchronization

/// A keeper with everything around it scripted.
package final class KeeperHarness: Sendable {
    package let clock: ManualClock
    package let provider: ScriptedProvider
    package let vault: MemoryVault
    package let keeper: SessionKeeper
    private let publications: PublicationWatch

    package init(
        clock: ManualClock = ManualClock(), provider: ScriptedProvider = ScriptedProvider(),
        vault: MemoryVault = MemoryVault(), instance: String = "i1",
        configure: (inout ProfileSettings) -> Void = { _ in }
    ) {
        var settings = ProfileSettings(
            profile: "p", instance: instance, traits: provider.traits, heartbeat: HeartbeatPolicy(jitter: 0))
        configure(&settings)
        let watch = PublicationWatch()
        self.clock = clock
        self.provider = provider
        self.vault = vault
        publications = watch
        keeper = SessionKeeper(
            settings: settings, provider: provider, vault: vault, clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, onPublish: { _ in watch.published() })
        watch.keeper = keeper
        vault.onChange { watch.published() }
    }

    /// Started and, unless a record says otherwise, signed out.
    package static func started(
        clock: ManualClock = ManualClock(), provider: ScriptedProvider = ScriptedProvider(),
        vault: MemoryVault = MemoryVault(), instance: String = "i1",
        configure: (inout ProfileSettings) -> Void = { _ in }
    ) async -> KeeperHarness {
        let harness = KeeperHarness(
            clock: clock, provider: provider, vault: vault, instance: instance, configure: configure)
        await harness.keeper.start()
        return harness
    }

    package var snapshot: Snapshot { keeper.publication.snapshot }

    /// Returns the published state once one fits. Looks again after every publication and every save.
    @discardableResult
    package func until(_ condition: @escaping @Sendable (Publication) -> Bool) async -> Publication {
        await publications.until(condition)
    }

    /// Signs in with a confirmation of ours.
    @discardableResult
    package func signIn(token: String = "t1", expiresInMs: Int64? = 3_600_000) async throws -> Snapshot {
        async let result = keeper.signIn(
            method: "password", fields: SignInFields(["username": "ada", "password": "correct horse"]),
            durationMinutes: nil, expect: nil)
        await provider.nextCall().answer(
            .confirmed(.of(token, expiresAt: expiresInMs.map { clock.now().wall + $0 })))
        return try await result.publication.snapshot
    }
}

extension Confirmation {
    /// A session whose objects tell its token's name.
    package static func of(
        _ token: String, expiresAt: Int64?, user: String = "ada", jwtExpiresAt: Int64? = nil, startedAt: Int64? = nil
    ) -> Confirmation {
        var confirmation = Confirmation(
            objects: ["session": ["id": .string("id-\(token)")], "user": ["name": .string(user)]],
            tokens: TokenSet(
                sessionToken: Secret(token), sessionJwt: jwtExpiresAt.flatMap { Secret("jwt-\(token)-\($0)") },
                jwtExpiresAt: jwtExpiresAt),
            expiry: expiresAt.map { .at($0) } ?? .never)
        confirmation.sessionID = "id-\(token)"
        confirmation.startedAt = startedAt
        return confirmation
    }
}

/// Lets a test wait for a published state.
private final class PublicationWatch: Sendable {
    private struct Waiter {
        let id: String
        let condition: @Sendable (Publication) -> Bool
        let continuation: CheckedContinuation<Publication, Never>
    }
    private struct State {
        weak var keeper: SessionKeeper?
        var waiters: [Waiter] = []
    }
    private let state = Mutex(State())

    var keeper: SessionKeeper? {
        get { state.withLock { $0.keeper } }
        set { state.withLock { $0.keeper = newValue } }
    }

    func published() {
        let (publication, ready) = state.withLock { state -> (Publication?, [Waiter]) in
            guard let publication = state.keeper?.publication else { return (nil, []) }
            let ready = state.waiters.filter { $0.condition(publication) }
            state.waiters.removeAll { $0.condition(publication) }
            return (publication, ready)
        }
        guard let publication else { return }
        for waiter in ready { waiter.continuation.resume(returning: publication) }
    }

    func until(_ condition: @escaping @Sendable (Publication) -> Bool) async -> Publication {
        let id = newIdentifier()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let publication: Publication? = state.withLock { state in
                    if let publication = state.keeper?.publication, condition(publication) || Task.isCancelled {
                        return publication
                    }
                    state.waiters.append(Waiter(id: id, condition: condition, continuation: continuation))
                    return nil
                }
                if let publication { continuation.resume(returning: publication) }
            }
        } onCancel: {
            // The test has run out of time: its expectations say what is missing.
            let (publication, waiters) = state.withLock { state in
                let waiters = state.waiters.filter { $0.id == id }
                state.waiters.removeAll { $0.id == id }
                return (state.keeper?.publication, waiters)
            }
            guard let publication else { return }
            for waiter in waiters { waiter.continuation.resume(returning: publication) }
        }
    }
}
