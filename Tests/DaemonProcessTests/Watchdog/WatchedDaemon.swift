import DaemonProcess
import Glibc
import Logging
import SessionCore
import SessionProtocol
import SessionServer
import SessionTesting
import Synchronization
import Testing

/// A keeper, a real server on a real socket and a watchdog over both, whose verdicts a test waits for.
final class WatchedDaemon: Sendable {
    static let period = Duration.milliseconds(200)

    let keeper: SessionKeeper
    let server: SessionServer
    let watchdog: Watchdog
    let probe: SocketProbe
    let socket: String
    private let folder: String
    private let verdicts: AsyncStream<Liveness.Verdict>
    /// Called on the event loop by `server.health`, and on the keeper's executor at each publication.
    let loopGate: Gate
    let keeperGate: Gate

    init(
        provider: ScriptedProvider = .unreachable, vault: any SessionVaulting = MemoryVault(),
        clock: any KeeperClock = SystemClock()
    ) async throws {
        var template = Array("/tmp/sessiond-watchdog-XXXXXX".utf8CString)
        folder = try #require(mkdtemp(&template).map { String(cString: $0) })
        socket = folder + "/s.sock"
        probe = try #require(SocketProbe(path: socket))
        let (loopGate, keeperGate) = (Gate(), Gate())
        self.loopGate = loopGate
        self.keeperGate = keeperGate
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let watched = WatchedVault(vault, clock: clock)
        let keeper = Self.keeper(provider, watched, clock) { _ in keeperGate.pass() }
        self.keeper = keeper
        server = try SessionServer(
            configuration: ServerConfiguration(
                listeners: [.node(SocketPath(path: socket, mode: 0o600))], ownProcess: getpid()),
            directory: ProfileDirectory(defaultProfile: "p", profiles: [keeper]),
            policy: AccessPolicy(superusers: [], socketGroup: nil, rules: []), authority: nil,
            environment: ServerEnvironment(
                version: "1", instance: "i1", startedAt: 0, clock: clock,
                health: {
                    loopGate.pass()
                    return HealthReport(isLive: true, isReady: true, status: .ok, checks: [])
                }, store: { [:] }),
            logger: logger)
        watchdog = Watchdog(
            Watchdog.Subject(clock: clock, keepers: { [keeper] }, store: { watched.activity }), period: Self.period)
        let (stream, continuation) = AsyncStream<Liveness.Verdict>.makeStream()
        verdicts = stream
        await keeper.start()
        try await server.start()
        try watchdog.start(Watchdog.Trial(over: [probe]) { [server] in server.askLoop($0) }) {
            continuation.yield($0)
        }
    }

    static func keeper(
        _ provider: ScriptedProvider = .unreachable, _ vault: any SessionVaulting = MemoryVault(),
        _ clock: any KeeperClock = SystemClock(), onPublish: @escaping @Sendable (String) -> Void = { _ in }
    ) -> SessionKeeper {
        SessionKeeper(
            settings: ProfileSettings(
                profile: "p", instance: "i1", traits: provider.traits,
                heartbeat: HeartbeatPolicy(intervalMs: 1000, timeoutMs: 1000, jitter: 0)),
            provider: provider, vault: vault, clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            onPublish: onPublish)
    }

    /// The next verdict from now on that fits; nil where the test's time is up.
    @discardableResult
    func next(_ fits: (Liveness.Verdict) -> Bool) async -> Liveness.Verdict? {
        for await verdict in verdicts where fits(verdict) { return verdict }
        return nil
    }

    /// The pings stop because of exactly this, and do not come back by themselves.
    func expectSilence(_ legs: Set<Liveness.Leg>, _ location: SourceLocation = #_sourceLocation) async {
        await next { Set($0.findings.filter(\.isStuck).map(\.leg)) == legs }
        for _ in 0..<3 {
            let again = await next { _ in true }
            #expect(again?.isAlive == false, sourceLocation: location)
        }
    }

    func expectPings(_ location: SourceLocation = #_sourceLocation) async {
        for _ in 0..<3 {
            let verdict = await next(\.isAlive)
            #expect(verdict != nil, sourceLocation: location)
        }
    }

    /// A connection that has sent a line and waits for nothing.
    func send(_ line: String) -> Int32 {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(socket.utf8)) }
        _ = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        let bytes = Array((line + "\n").utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        return descriptor
    }

    func stop() async {
        loopGate.open()
        keeperGate.open()
        watchdog.stop()
        await server.shutdown()
        await keeper.shutDown()
        unlink(socket + ".lock")
        unlink(socket)
        rmdir(folder)
    }
}

/// A place that threads block at while it is shut.
final class Gate: Sendable {
    private let isShut = Mutex(false)
    private let pipe: (reading: Int32, writing: Int32)

    init() {
        var ends: [Int32] = [-1, -1]
        precondition(Glibc.pipe(&ends) == 0)
        pipe = (ends[0], ends[1])
    }

    deinit {
        close(pipe.reading)
        close(pipe.writing)
    }

    func shut() { isShut.withLock { $0 = true } }

    /// Lets all through, now and later.
    func open() {
        let wasShut = isShut.withLock { isShut in
            defer { isShut = false }
            return isShut
        }
        if wasShut { _ = write(pipe.writing, [0], 1) }
    }

    func pass() {
        guard isShut.withLock({ $0 }) else { return }
        var readiness = pollfd(fd: pipe.reading, events: Int16(POLLIN), revents: 0)
        poll(&readiness, 1, 30_000)
    }
}

extension ScriptedProvider {
    /// A network that is gone.
    static var unreachable: ScriptedProvider { ScriptedProvider { _, _ in Answer(outcome: .unreachable()) } }
}
