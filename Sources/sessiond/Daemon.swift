import CLinux
import DaemonConfiguration
import DaemonProcess
import Glibc
import Logging
import SessionCore
import SessionProtocol
import SessionProviders
import SessionServer
import SessionVault
import Systemd

/// The daemon put together: reads what is configured and wires the rest.
actor Daemon {
    private let setting: DaemonSetting
    private let keepers: KeeperRoster
    private let server: SessionServer
    private let announcer: StatusAnnouncer
    private let watchdog: Watchdog
    private let clockWatcher: ClockStepWatcher?
    private let vault: SealedFileVault
    private let resealing: RecordResealing
    private let logger: Logger
    /// Socket, key and limits are those of the start for as long as the process lives.
    private let first: DaemonConfiguration
    private var configuration: DaemonConfiguration
    private let reloads = ReloadRecord()
    /// The last reload that was asked for.
    private var reloading: Task<Void, Never>?
    private var isStopping = false

    /// Comes back when stored state is decided and the socket accepts. That a provider cannot be reached is no failure.
    /// Nobody has been told yet: see `announceReady`.
    static func start(_ setting: DaemonSetting) async throws -> Daemon {
        guard let configuration = setting.readConfiguration() else {
            throw StartError(
                "the configuration cannot be used", remedy: "run sessiond --check-config", status: EX.configuration)
        }
        setting.output.level = setting.arguments.logLevel ?? configuration.log.level
        setting.output.format = configuration.log.format
        let listeners = try setting.listeners(configuration.socket)
        let interval = try setting.watchdogInterval()
        let patience = setting.patience(while: "opening the stored state")
        defer { patience.end() }
        let daemon = try Daemon(setting, configuration, try openState(setting), listeners, interval)
        // What the last process has left is served before the disk has been asked for any record.
        let isEarly = daemon.vault.hasImage
        if isEarly { try await daemon.listen() }
        await daemon.keepers.startAll()
        daemon.vault.bringImage()
        daemon.resealing.begin()
        if !isEarly { try await daemon.listen() }
        return daemon
    }

    private func listen() async throws(StartError) {
        do throws(ListenError) {
            try await server.start()
        } catch {
            throw StartError(error)
        }
    }

    private static func openState(_ setting: DaemonSetting) throws(StartError) -> StateDirectory {
        let path: String
        do {
            path = try setting.paths.stateDirectory()
        } catch {
            throw StartError(error.message, remedy: error.remedy, status: error.exitStatus)
        }
        do {
            return try StateDirectory.open(path)
        } catch {
            throw StartError(error)
        }
    }

    private init(
        _ setting: DaemonSetting, _ configuration: DaemonConfiguration, _ directory: StateDirectory,
        _ listeners: [ServerConfiguration.Listener], _ watchdogInterval: Duration?
    ) throws(StartError) {
        let clock = SystemClock(boot: setting.environment["SESSIOND_BOOT_ID"])
        let instance = newIdentifier()
        let logger = setting.logger
        let images = ManagerImages(setting)
        let vault = SealedFileVault(
            directory: directory, keys: KeySources(configuration.key, setting.manager.credentialsDirectory),
            images: images
        ) { event in
            event.tell(logger)
        }
        if let images { vault.offer(images.inherit(setting.kept, logger: logger)) }
        self.vault = vault
        resealing = RecordResealing(vault, logger: logger)
        let authority = EmbeddedAuthority(path: directory.path + "/authority.sqlite", logger: logger) {
            clock.now().wall
        }
        let watched = WatchedVault(vault, clock: clock)
        let roster = KeeperRoster(
            instance: instance, authority: authority,
            providers: ProviderFactory(
                authority: authority,
                transport: HTTPTransport(environment: setting.environment, clock: clock, logger: logger),
                credentials: setting.manager.credentialsDirectory,
                clock: clock, logger: logger),
            vault: watched, clock: clock, logger: logger, profiles: configuration.profiles)
        self.setting = setting
        self.configuration = configuration
        first = configuration
        self.logger = logger
        keepers = roster
        let watchdog = Watchdog(
            Watchdog.Subject(clock: clock, keepers: { roster.all }, store: { watched.activity }),
            // Three rounds within the time that the service manager gives; without one, for those who ask for the health.
            period: watchdogInterval.map { max($0 / 3, .milliseconds(100)) } ?? .seconds(10))
        self.watchdog = watchdog
        do throws(ListenError) {
            server = try SessionServer(
                configuration: ServerConfiguration(
                    listeners: listeners, limits: configuration.limits, ownProcess: getpid()),
                directory: roster.directory(defaultProfile: configuration.defaultProfile),
                policy: setting.policy(configuration, group: configuration.socket.groupID), authority: authority,
                environment: ServerEnvironment(
                    version: ProductVersion.current, instance: instance, startedAt: clock.now().wall, clock: clock,
                    health: { roster.health(watchdog.verdict, at: clock.now()) }, store: { roster.storeStatus }),
                logger: logger)
        } catch {
            throw StartError(error)
        }
        announcer = StatusAnnouncer(manager: setting.manager, logger: logger) { [reloads] in
            roster.summary(watchdog.verdict, at: clock.now()) + reloads.summary
        }
        do {
            clockWatcher = try ClockStepWatcher { Task { await roster.timeHasJumped() } }
        } catch {
            logger.error("steps of the clock go unnoticed until the next heartbeat", metadata: ["error": "\(error)"])
            clockWatcher = nil
        }
        roster.onPublish { [server, announcer] profile in
            server.profileChanged(profile)
            announcer.somethingChanged()
        }
    }

    /// Says that the start is over. By now whoever hears it can end the daemon: he may do so at once.
    func announceReady() throws {
        if isStopping { return }
        let listeners = try setting.listeners(configuration.socket)
        for listener in listeners {
            if case .node(let socket) = listener { logger.notice("listening", metadata: ["socket": "\(socket.path)"]) }
        }
        let report = WatchdogReport(manager: setting.manager, logger: logger)
        let trial = Watchdog.Trial(over: listeners.compactMap(SocketProbe.init)) { [server] in server.askLoop($0) }
        logger.event(.ready, "ready", metadata: ["profiles": "\(configuration.profiles.count)"])
        announcer.begin()
        do {
            try watchdog.start(trial) { [announcer] verdict in
                report.conclude(verdict)
                announcer.somethingChanged()
            }
        } catch {
            throw StartError(error.description, remedy: "see the log", status: EX.software, errno: error.errno)
        }
        // A third of what is resident by now is code that only starting has needed.
        cl_release_code()
    }

    /// Acts on a signal; true where the process is to end now. A reload goes on beside what comes next: a stop must not
    /// wait for it.
    func obey(_ signal: ProcessSignal) async -> Bool {
        switch signal {
        case .hangUp:
            let before = reloading
            reloading = Task {
                await before?.value
                await self.reload()
            }
            return false
        case .terminate, .interrupt:
            await stop()
            return true
        }
    }

    /// Reads the configuration again. A bad one changes nothing.
    private func reload() async {
        if isStopping { return }
        tell(setting.manager, [.reloading], logger)
        let patience = setting.patience(while: "reading the configuration again")
        defer { patience.end() }
        if let new = setting.readConfiguration() {
            await apply(new)
            reloads.isRefused = false
            logger.event(.reloaded, "configuration read again")
        } else {
            reloads.isRefused = true
            logger.event(.reloadRefused, "the new configuration cannot be used; the old one stays in force")
        }
        patience.end()
        if !isStopping { announcer.begin() }
    }

    private func apply(_ new: DaemonConfiguration) async {
        if new.socket != first.socket || new.key != first.key || new.limits != first.limits {
            logger.warning("changes of socket, key and limits take effect at the next start")
        }
        setting.output.level = setting.arguments.logLevel ?? new.log.level
        setting.output.format = new.log.format
        await keepers.replace(with: new.profiles)
        // Meanwhile the process may have been told to end.
        if isStopping { return }
        configuration = new
        await server.update(
            directory: keepers.directory(defaultProfile: new.defaultProfile), authority: keepers.authority)
        await server.update(policy: setting.policy(new, group: first.socket.groupID))
        await keepers.retryStore()
        resealing.begin()
    }

    private func stop() async {
        isStopping = true
        logger.event(.stopping, "stopping")
        watchdog.stop()
        announcer.end()
        tell(setting.manager, [.stopping, .status("stopping")], logger)
        let patience = setting.patience(while: "stopping")
        defer { patience.end() }
        clockWatcher?.stop()
        await server.shutdown(within: .seconds(2))
        await keepers.shutDown(graceMs: 200)
        logger.event(.stopped, "stopped")
    }
}

extension SocketProbe {
    init?(_ listener: ServerConfiguration.Listener) {
        switch listener {
        case .inherited(let descriptor): self.init(inherited: descriptor)
        case .node(let socket): self.init(path: socket.path)
        }
    }
}

extension KeySources {
    /// In the order of docs/configuration.md, "key".
    init(_ location: KeyLocation?, _ credentials: String?) {
        let standard = credentials.map { $0 + "/sessiond.master-key" }
        switch location {
        case .credential(let name):
            self.init(credential: credentials.map { "\($0)/\(name)" }, credentialIsRequired: true)
        case .file(let path): self.init(credential: standard, file: path)
        case nil: self.init(credential: standard)
        }
    }
}
