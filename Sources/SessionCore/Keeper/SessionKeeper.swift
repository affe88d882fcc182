package import Logging
import SessionProtocol
import Synchronization

/// Owns one profile: runs its machine through the provider, the vault and the clock.
///
/// Every change goes event → machine → vault → board, with no suspension in between. Whatever awaits the provider asks
/// the machine afterwards whether the answer still fits, by generation.
package actor SessionKeeper: ProfileServing {
    package nonisolated let profile: String
    package nonisolated let traits: ProviderTraits
    nonisolated let provider: any SessionProvider
    nonisolated let clock: any KeeperClock
    nonisolated let board: PublicationBoard
    nonisolated let vitalsBoard = VitalsBoard()
    nonisolated let logger: Logger
    /// Bounds every call to the provider.
    package nonisolated let callTimeoutMs: Int64
    private nonisolated let executor: KeeperExecutor
    private nonisolated let storeFailing = Atomic(false)
    let vault: any SessionVaulting
    private let onPublish: @Sendable (String) -> Void

    var machine: ProfileMachine
    private var history: PublicationHistory
    /// What is on disk, as far as this keeper knows.
    var stored: StoredProfile?
    private var storedAtBoot: Int64 = 0
    package internal(set) var recordGeneration: UInt64 = 0
    var opening = Opening.untried
    /// What the image says, where its record has been restored and the vault has not been read.
    var imaged: StoredProfile?
    /// What the image holds beyond the disk, as far as this keeper knows.
    private var held: StoredProfile??
    /// Consecutive failures to open or write the store, and when to try again.
    private var storeFailures: Int64 = 0
    private var storeRetryAtBoot: Int64?

    var lane = ChangeLane()
    var flight: Task<ValidationVerdict, Never>?
    /// A hint came while a validation was under way: its answer may be older than the hint.
    var mustRevalidate = false
    /// Sessions that hints spoke of while a change was under way, which may have brought them or overtaken the answer.
    var earlyHints: Set<String> = []
    var isRevoking = false
    var isDraining = false
    /// Another keeper may hold the record by now: answers that are still on their way are dropped.
    var isRetired = false
    var wakeUp: (time: Wake, alarm: Alarm)?
    var hints: Task<Void, Never>?

    package init(
        settings: ProfileSettings, provider: any SessionProvider, vault: any SessionVaulting, clock: any KeeperClock,
        logger: Logger, onPublish: @escaping @Sendable (String) -> Void
    ) {
        profile = settings.profile
        traits = settings.traits
        callTimeoutMs = settings.heartbeat.timeoutMs
        executor = KeeperExecutor.next()
        self.provider = provider
        self.vault = vault
        self.clock = clock
        var logger = logger
        logger[metadataKey: "profile"] = .string(settings.profile)
        self.logger = logger
        self.onPublish = onPublish
        var settings = settings
        settings.bootID = clock.bootID
        let now = clock.now()
        var machine = ProfileMachine(settings: settings, at: now)
        var history = PublicationHistory(machine: machine)
        if let image = vault.image(profile: settings.profile, provider: provider.traits.name),
            let record = StoredProfile(encoded: image.payload)
        {
            machine.restore(record, at: now)
            machine.bindToken(at: now)
            _ = history.advance(to: machine)
            imaged = record
            held = .some(record)
            recordGeneration = image.generation
        }
        recordGeneration = max(recordGeneration, settings.firstGeneration)
        self.machine = machine
        self.history = history
        board = PublicationBoard(history.latest)
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    package nonisolated var publication: Publication { board.current }

    /// Whether the last attempt to open or write the store failed.
    package nonisolated var isStoreFailing: Bool { storeFailing.load(ordering: .relaxed) }

    /// Which executor it shares with others, all of whose work takes turns.
    package nonisolated var executorID: ObjectIdentifier { ObjectIdentifier(executor) }

    /// How many pieces of work its executor has come to the end of, other keepers' included.
    package nonisolated var executorProgress: UInt64 { executor.jobsEnded }

    /// Reads the stored state and begins to keep the session. Returns when the state is decided and published.
    package func start() {
        openIfUntried()
        listenForHints()
    }

    // MARK: - The one door

    /// Applies an event that must be durable before anybody hears of it. When this throws, nothing has changed.
    func commit<Result>(_ event: (inout ProfileMachine) -> Result) throws(KeeperError) -> Result {
        if isRetired { throw .shuttingDown }
        openIfUntried()
        if machine.tenure == .sealed { throw .keyUnavailable }
        // What lies there may be newer than the image: it must not be written over unread.
        if opening != .open { throw .storeFailed }
        let wasHeld = machine.held != nil
        var next = machine
        let result = event(&next)
        next.bindToken(at: clock.now())
        do {
            try save(next.record)
        } catch {
            storeFailed(at: clock.now())
            publishAndRearm()
            throw error == .keyUnavailable ? .keyUnavailable : .storeFailed
        }
        machine = next
        publishAndRearm()
        tellEnd(wasHeld: wasHeld)
        return result
    }

    /// Applies what has happened whether or not it can be stored: time, a provider's word. A store that fails is tried
    /// again; until then the newest state lives in memory.
    @discardableResult
    func note<Result>(_ event: (inout ProfileMachine) -> Result) -> Result {
        openIfUntried()
        let wasHeld = machine.held != nil
        let result = event(&machine)
        keepQuietly()
        tellEnd(wasHeld: wasHeld)
        return result
    }

    /// Applies what time alone changes. Most often that is nothing, and then nothing is worked out anew.
    func elapse(to now: Moment) {
        openIfUntried()
        if machine.isOver(at: now) { note { $0.elapse(to: now) } }
    }

    func keepQuietly(isRetry: Bool = false) {
        machine.bindToken(at: clock.now())
        if !isRetired, machine.tenure != .sealed, machine.tenure != .loading {
            if opening == .open {
                do {
                    if isRetry || mustStore(machine.record) { try save(machine.record, isRetry: isRetry) }
                    // Back at what the disk has: the image must not go on saying what came in between.
                    if held != nil { hold(machine.record) }
                } catch {
                    storeFailed(at: clock.now())
                    hold(machine.record)
                }
            } else {
                // Under the generation that the image had: should the vault's be newer, that is the one that counts.
                hold(machine.record)
            }
        }
        publishAndRearm()
    }

    /// The newest state outlives the process without the disk, where there is somebody to keep an image.
    private func hold(_ record: StoredProfile?) {
        if held == .some(record) { return }
        held = .some(record)
        vault.hold(
            record.map { SealedRecord(generation: recordGeneration, payload: $0.encoded) }, profile: profile,
            provider: traits.name)
    }

    /// That a session was confirmed once more is not worth a write, which would keep a disk awake for nothing else: it goes
    /// along with the next change, every ten minutes, and at the end.
    private func mustStore(_ record: StoredProfile?) -> Bool {
        guard !isDraining, let record, let stored, clock.now().boot - storedAtBoot < Self.confirmationsAreStoredMs
        else {
            return true
        }
        return !record.saysTheSame(as: stored, traits: traits)
    }

    private static let confirmationsAreStoredMs: Int64 = 600_000

    /// After a failure the disk may hold either record, so that a retry writes what it seems to hold already.
    private func save(_ record: StoredProfile?, isRetry: Bool = false) throws(VaultError) {
        if record == stored, !isRetry { return }
        if let record {
            recordGeneration += 1
            try vault.save(
                SealedRecord(generation: recordGeneration, payload: record.encoded), profile: profile,
                provider: traits.name)
        } else {
            try vault.remove(profile: profile, provider: traits.name)
        }
        stored = record
        storedAtBoot = clock.now().boot
        held = nil
        storeSucceeded()
    }

    func storeSucceeded() {
        if storeFailures > 0 { logger.event(.storeWorks, "the store works again") }
        storeFailures = 0
        storeRetryAtBoot = nil
        storeFailing.store(false, ordering: .relaxed)
    }

    func storeFailed(at now: Moment) {
        storeFailures += 1
        if storeFailures == 1, machine.tenure != .sealed {
            logger.event(
                .storeFailing,
                opening == .open
                    ? "the store cannot be written; the newest state is in memory only"
                    : "the store cannot be read; what the service manager has kept is served, and no change is taken")
        }
        storeFailing.store(true, ordering: .relaxed)
        storeRetryAtBoot =
            now.boot
            + machine.settings.heartbeat.backoff(failures: storeFailures, retryAfterMs: nil, dice: clock.random())
    }

    private func publishAndRearm() {
        if let publication = history.advance(to: machine) {
            board.publish(publication)
            if !isRetired { onPublish(profile) }
        }
        rearm()
    }

    /// Tries again what the store refused, where it is time.
    func retryStore(at now: Moment) {
        guard let due = storeRetryAtBoot, due <= now.boot else { return }
        if opening != .open {
            openStore()
        } else {
            keepQuietly(isRetry: true)
        }
    }

    /// The administrator may have mended the key or the disk: try now, not at the end of the backoff.
    package func retryStoreNow() {
        guard storeRetryAtBoot != nil else { return }
        storeRetryAtBoot = clock.now().boot
        retryStore(at: clock.now())
    }

    func nextWake(after now: Moment) -> Wake? {
        let wake = machine.nextWake(after: now, isValidating: flight != nil, isRevoking: isRevoking)
        guard let retry = storeRetryAtBoot.map({ Wake(boot: $0) }) else { return wake }
        return wake?.joined(with: retry) ?? retry
    }
}
