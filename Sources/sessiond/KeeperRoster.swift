import DaemonConfiguration
import Logging
import SessionCore
import SessionProtocol
import SessionProviders
import SessionServer
import Synchronization

/// The daemon's keepers, one a profile.
final class KeeperRoster: Sendable {
    private struct Entry {
        let keeper: SessionKeeper
        let configuration: ProfileConfiguration
    }
    private struct State {
        var entries: [String: Entry] = [:]
        /// Where the revisions of profiles that have gone stand: they go on from there within this instance.
        var lastRevisions: [String: Int64] = [:]
        /// Where the generations of their records stand.
        var lastGenerations: [String: UInt64] = [:]
        var onPublish: @Sendable (String) -> Void = { _ in }
    }

    private let state = Mutex(State())
    private let instance: String
    let authority: EmbeddedAuthority
    private let providers: ProviderFactory
    private let vault: any SessionVaulting
    private let clock: any KeeperClock
    private let logger: Logger

    init(
        instance: String, authority: EmbeddedAuthority, providers: ProviderFactory, vault: any SessionVaulting,
        clock: any KeeperClock,
        logger: Logger, profiles: [ProfileConfiguration]
    ) {
        self.instance = instance
        self.authority = authority
        self.providers = providers
        self.vault = vault
        self.clock = clock
        self.logger = logger
        for profile in profiles { put(profile, firstRevision: 0) }
    }

    func onPublish(_ body: @escaping @Sendable (String) -> Void) { state.withLock { $0.onPublish = body } }

    func directory(defaultProfile: String) -> ProfileDirectory {
        ProfileDirectory(defaultProfile: defaultProfile, profiles: all)
    }

    var all: [SessionKeeper] { state.withLock { $0.entries.values.map(\.keeper) } }

    func startAll() async {
        await forEach(all) { await $0.start() }
    }

    func timeHasJumped() async {
        logger.event(.clockStepped, "the clock was set or the machine resumed")
        await forEach(all) { await $0.timeHasJumped() }
    }

    func retryStore() async {
        await forEach(all) { await $0.retryStoreNow() }
    }

    /// Keeps the profiles that have not changed, and starts, replaces and stops the others, all at once: one that
    /// waits for its provider holds up none. What a stopped one has stored stays.
    func replace(with profiles: [ProfileConfiguration]) async {
        let current = state.withLock { $0.entries }
        let wanted = Dictionary(profiles.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let leaving = current.filter { name, entry in wanted[name] != entry.configuration }
        await forEach(leaving.values.map(\.keeper)) { await self.retire($0) }
        state.withLock { state in
            for name in leaving.keys { state.entries[name] = nil }
        }
        let arriving = profiles.filter { current[$0.name]?.configuration != $0 }.map { profile in
            put(profile, firstRevision: state.withLock { $0.lastRevisions[profile.name].map { $0 + 1 } } ?? 0)
        }
        await forEach(arriving) { await $0.start() }
    }

    private func retire(_ keeper: SessionKeeper) async {
        await keeper.shutDown()
        let revision = keeper.publication.snapshot.revision
        let generation = await keeper.recordGeneration
        state.withLock { state in
            state.lastRevisions[keeper.profile] = revision
            state.lastGenerations[keeper.profile] = generation
        }
    }

    /// Waits for started calls and stores what is newest, and for a disk that hangs no longer than that beyond them: it
    /// must not hold up the end. What was acknowledged is on disk already.
    func shutDown(graceMs: Int64) async {
        let limitMs = graceMs + (all.map(\.lastCallMs).max() ?? 0)
        await bounded(byMs: limitMs, on: clock, late: ()) {
            await self.forEach(self.all) { await $0.shutDown() }
        }
    }

    private func forEach(
        _ keepers: [SessionKeeper], _ body: @escaping @Sendable (SessionKeeper) async -> Void
    ) async {
        await withDiscardingTaskGroup { group in
            for keeper in keepers { group.addTask { await body(keeper) } }
        }
    }

    @discardableResult
    private func put(_ profile: ProfileConfiguration, firstRevision: Int64) -> SessionKeeper {
        let provider = providers.provider(of: profile)
        var settings = ProfileSettings(
            profile: profile.name, instance: instance, traits: provider.traits,
            heartbeat: HeartbeatPolicy(
                intervalMs: profile.heartbeat.intervalMs, timeoutMs: profile.heartbeat.timeoutMs,
                jitter: profile.heartbeat.jitter),
            sessionDurationMinutes: profile.sessionDurationMinutes, keepAlive: profile.keepAlive)
        settings.firstRevision = firstRevision
        settings.firstGeneration = state.withLock { $0.lastGenerations[profile.name] ?? 0 }
        let keeper = SessionKeeper(
            settings: settings, provider: provider, vault: vault, clock: clock, logger: logger
        ) { [weak self] name in
            self?.state.withLock { $0.onPublish }(name)
        }
        state.withLock { $0.entries[profile.name] = Entry(keeper: keeper, configuration: profile) }
        return keeper
    }
}
