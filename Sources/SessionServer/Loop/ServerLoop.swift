import CLinux
import Glibc
import Logging
import SessionCore
import SessionProtocol

/// What all connections share: profiles, permissions, counters, and the buffers of a turn. Lives on the loop's thread
/// and nowhere else.
final class ServerLoop {
    private enum Alarm: Hashable {
        case connection(CInt)
        case accept(CInt)
        case drained
    }

    let poller: Poller
    let limits: Limits
    let clock: any KeeperClock
    let logger: Logger
    var dispatcher: Dispatcher
    private(set) var policy: AccessPolicy
    var counters = ServerCounters()
    /// Milliseconds of the clock that connection deadlines run on; it stands still while the machine sleeps.
    private(set) var now = cl_monotonic_milliseconds()
    /// What a turn reads into. It is empty again when the turn is over.
    let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 64)
    /// Lent to the connection whose turn it is, so that one at rest holds no room.
    var spareOutput = OutputBuffer()

    private let gate: LoopGate
    private let ownProcess: Int32?
    private var listeners: [CInt: Listener] = [:]
    /// By descriptor.
    private var connections: [Connection?] = []
    private var connectionCount = 0
    private var lastNumber: UInt32 = 0
    private var connectionsByUser: [UInt32: Int] = [:]
    private var alarms = Alarms<Alarm>()
    /// What waits for slow calls that run, by the call's number.
    private var awaited: [UInt64: (Answer) -> Void] = [:]
    private var lastCall: UInt64 = 0
    private var runningChanges = 0
    private var refusalLoggedAt: Int64?
    private var settling: Set<ObjectIdentifier> = []
    /// Told once when connections are served to their end, or have run out of time.
    private var drained: ((Bool) -> Void)?
    private var isFinishing = false

    init(
        _ gate: LoopGate, limits: Limits, ownProcess: Int32?, dispatcher: Dispatcher, policy: AccessPolicy,
        logger: Logger
    ) {
        self.gate = gate
        poller = gate.poller
        self.ownProcess = ownProcess
        self.limits = limits
        clock = dispatcher.environment.clock
        self.dispatcher = dispatcher
        self.policy = policy
        self.logger = logger
    }

    deinit { readBuffer.deallocate() }

    private var open: [Connection] { connections.compactMap { $0 } }

    var figures: ServerFigures {
        ServerFigures(
            connections: clientCount, subscriptions: open.reduce(0) { $0 + $1.subscriptionCount }, counters: counters)
    }

    // MARK: The thread's rounds

    /// Serves what is ready. Answers whether there are errands.
    func serve(_ ready: [cl_readiness], _ count: Int) -> Bool {
        now = cl_monotonic_milliseconds()
        var hasErrands = false
        for index in 0..<count {
            let readiness = Poller.Readiness(ready[index])
            if gate.isBell(readiness) {
                hasErrands = true
            } else if let connection = connection(readiness.descriptor) {
                if connection.number == readiness.number { connection.ready(readiness) }
            } else if let listener = listeners[readiness.descriptor] {
                accept(from: listener)
            }
        }
        return hasErrands
    }

    /// Does what is due, and tells in how many milliseconds something will be.
    func elapse() -> Int64? {
        guard alarms.next != nil else { return nil }
        now = cl_monotonic_milliseconds()
        while let alarm = alarms.due(at: now) {
            switch alarm {
            case .connection(let descriptor): connection(descriptor)?.timePassed()
            case .accept(let descriptor): if listeners[descriptor] != nil { poller.change(descriptor, to: .input) }
            case .drained: finishDraining(false)
            }
        }
        return alarms.next.map { $0 - now }
    }

    func wake(_ connection: Connection, at time: Int64) {
        alarms.set(.connection(connection.descriptor), at: time)
    }

    // MARK: Listeners

    /// Accepts on a listening socket from now on. False where the kernel has no room for it.
    func add(_ listener: Listener) -> Bool {
        guard poller.add(listener.descriptor, .input) else { return false }
        listeners[listener.descriptor] = listener
        return true
    }

    func closeListeners() {
        for listener in listeners.values {
            poller.remove(listener.descriptor)
            listener.close()
        }
        listeners = [:]
    }

    private func accept(from listener: Listener) {
        // Those that are connected want their turn too.
        for _ in 0..<32 {
            let descriptor = cl_accept(listener.descriptor)
            if descriptor >= 0 {
                begin(descriptor)
                continue
            }
            switch errno {
            case EAGAIN: return
            case EINTR, ECONNABORTED, EPROTO: continue
            default:
                // Out of descriptors is no reason to stop serving, and asking again at once would be all we do.
                logger.warning("connection not accepted", metadata: ["error": "\(Errno(errno).text)"])
                poller.change(listener.descriptor, to: [])
                return alarms.set(.accept(listener.descriptor), at: now + Listener.pauseMs)
            }
        }
    }

    private func begin(_ descriptor: CInt) {
        // Without the kernel's word there is nobody to serve.
        guard let peer = PeerCredentials(socket: descriptor) else {
            logger.warning("connection not accepted: the kernel does not tell whose it is")
            close(descriptor)
            return
        }
        lastNumber &+= 1
        guard poller.add(descriptor, number: lastNumber, .input) else {
            logger.warning("connection not accepted", metadata: ["error": "\(Errno(errno).text)"])
            close(descriptor)
            return
        }
        let connection = Connection(descriptor, number: lastNumber, server: self, peer: peer)
        while connections.count <= Int(descriptor) { connections.append(nil) }
        connections[Int(descriptor)] = connection
        connectionCount += 1
        connection.begin(admit(connection))
    }

    // MARK: Connections

    private func connection(_ descriptor: CInt) -> Connection? {
        connections.indices.contains(Int(descriptor)) ? connections[Int(descriptor)] : nil
    }

    private var clientCount: Int { connectionsByUser.values.reduce(0, +) }

    /// Whether the daemon has connected to itself. The kernel says so: nobody else has its pid while it lives.
    func isOwn(_ peer: PeerCredentials) -> Bool { peer.pid == ownProcess }

    /// Takes a connection in, or says which limit it is over.
    private func admit(_ connection: Connection) -> RPCError? {
        if connection.isOwn { return nil }
        let peer = connection.peer
        counters.connections += 1
        let ofUser = connectionsByUser[peer.uid, default: 0]
        let exceeded: Int? =
            clientCount >= limits.maxConnections
            ? limits.maxConnections : ofUser >= limits.maxConnectionsPerUser ? limits.maxConnectionsPerUser : nil
        if let exceeded {
            counters.connectionsRefused += 1
            logRefusal(peer, limit: exceeded)
            return .busy(limit: exceeded, retryAfterMs: 1000)
        }
        connection.isAdmitted = true
        connectionsByUser[peer.uid] = ofUser + 1
        return nil
    }

    /// At most once a second: whoever is over the limit may try again and again.
    private func logRefusal(_ peer: PeerCredentials, limit: Int) {
        if let refusalLoggedAt, now - refusalLoggedAt < 1000 { return }
        refusalLoggedAt = now
        logger.event(
            .connectionRefused, "connection refused: over the limit",
            metadata: ["uid": "\(peer.uid)", "pid": "\(peer.pid)", "limit": "\(limit)"])
    }

    /// The connection has closed its descriptor.
    func remove(_ connection: Connection) {
        connections[Int(connection.descriptor)] = nil
        alarms.remove(.connection(connection.descriptor))
        connectionCount -= 1
        if connection.isAdmitted {
            let uid = connection.peer.uid
            connectionsByUser[uid] = connectionsByUser[uid].flatMap { $0 > 1 ? $0 - 1 : nil }
        }
        finishDrainingIfOver()
    }

    // MARK: Calls

    /// Runs `call` off the loop and brings its answer back to it, whether or not the connection is still there.
    func run(_ call: SlowCall, _ done: @escaping (Answer) -> Void) {
        lastCall += 1
        let number = lastCall
        awaited[number] = done
        if call.isChange { runningChanges += 1 }
        let gate = gate
        @Sendable func run() async {
            let answer = await call.run()
            gate.leave(.visit { $0.finished(number, answer, isChange: call.isChange) })
        }
        // Tasks begin in any order. One that begins here is in the keeper's queue before the next request is looked at;
        // nothing that may block comes before that.
        if call.entersKeeper { Task.immediate { await run() } } else { Task { await run() } }
    }

    private func finished(_ number: UInt64, _ answer: Answer, isChange: Bool) {
        awaited.removeValue(forKey: number)?(answer)
        guard isChange else { return }
        runningChanges -= 1
        finishDrainingIfOver()
    }

    /// An error of the server's own: the log has what happened under the id that the client gets.
    func incident(_ what: StaticString, method: String) -> RPCError {
        counters.incidents += 1
        let id = String(UInt64.random(in: .min ... .max), radix: 16)
        logger.event(
            .incident, "internal error",
            metadata: ["incident": "\(id)", "what": "\(what)", "method": "\(method.cut(toBytes: 128))"])
        return .internalError(incident: id)
    }

    // MARK: Profiles and permissions

    func profileChanged(_ profile: String) {
        guard let serving = dispatcher.directory[profile] else { return }
        for connection in open { connection.profileChanged(serving, isSettled: false) }
    }

    /// Asks the keeper to apply what time has changed, then tells those who wait for it.
    func settle(_ serving: any ProfileServing) {
        guard settling.insert(ObjectIdentifier(serving)).inserted else { return }
        run(
            SlowCall {
                _ = await serving.settle()
                return .empty
            }
        ) { [self] _ in
            settling.remove(ObjectIdentifier(serving))
            for connection in open { connection.profileChanged(serving, isSettled: true) }
        }
    }

    func update(policy: AccessPolicy) {
        self.policy = policy
        for connection in open { connection.permissionsChanged(policy) }
    }

    func update(directory: ProfileDirectory, authority: AuthorityDesk?) {
        let old = dispatcher.directory
        dispatcher.authority = authority
        dispatcher.directory = directory
        for connection in open { connection.repeated.removeAll() }
        let names = Set(old.all.map(\.profile)).union(directory.all.map(\.profile))
        for name in names where old[name] !== directory[name] {
            for connection in open { connection.profileReplaced(name) }
            profileChanged(name)
        }
    }

    // MARK: Stopping

    /// From now on nothing new changes, and nobody watches or waits. Tells once all started changes are over and every
    /// connection is closed, or that this is not so in time.
    func drain(withinMs limitMs: Int64, _ done: @escaping (Bool) -> Void) {
        dispatcher.isDraining = true
        for connection in open { connection.drain() }
        // Only now: one that closed at once must not have the others stopped before they were told.
        drained = done
        alarms.set(.drained, at: cl_monotonic_milliseconds() + limitMs)
        finishDrainingIfOver()
    }

    /// Ends every connection as soon as its answers are out, once no change is under way.
    private func finishDrainingIfOver() {
        guard drained != nil, runningChanges == 0 else { return }
        guard connectionCount > 0 else { return finishDraining(true) }
        if !isFinishing {
            isFinishing = true
            for connection in open { connection.stop() }
        }
    }

    private func finishDraining(_ isOver: Bool) {
        drained?(isOver)
        drained = nil
    }

    /// Nobody needs the server any more.
    func end() {
        closeListeners()
        closeConnections()
        awaited = [:]
    }

    func closeConnections() {
        for connection in open { connection.close() }
    }
}
