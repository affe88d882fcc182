package import Logging
package import SessionCore
package import SessionProtocol
import Synchronization

/// A keeper of any provider, with a clock that the test moves and a vault in memory.
package final class KeptProfile: Sendable {
    package let clock: ManualClock
    package let vault: MemoryVault
    package let keeper: SessionKeeper
    private let publications: PublicationWatch

    /// Without jitter unless `configure` wants some.
    package init(
        provider: any SessionProvider, clock: ManualClock = ManualClock(), vault: MemoryVault = MemoryVault(),
        instance: String = "i1", logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        configure: (inout ProfileSettings) -> Void = { _ in }
    ) {
        var settings = ProfileSettings(
            profile: "p", instance: instance, traits: provider.traits, heartbeat: HeartbeatPolicy(jitter: 0))
        configure(&settings)
        let watch = PublicationWatch()
        self.clock = clock
        self.vault = vault
        publications = watch
        keeper = SessionKeeper(
            settings: settings, provider: provider, vault: vault, clock: clock,
            logger: logger, onPublish: { _ in watch.published() })
        watch.keeper = keeper
        vault.onChange { watch.published() }
    }

    package var snapshot: Snapshot { keeper.publication.snapshot }

    /// Returns the published state once one fits. Looks again after every publication and every save.
    @discardableResult
    package func until(_ condition: @escaping @Sendable (Publication) -> Bool) async -> Publication {
        await publications.until(condition)
    }
}

// A failed expectation shows its values with all that they hold: here that would be a whole transport.
extension KeptProfile: CustomReflectable {
    package var customMirror: Mirror { Mirror(self, children: []) }
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
