import Logging
import NIOCore
import SessionCore
import SessionProtocol

/// What all connections share: profiles, permissions, counters. Lives on the event loop and nowhere else.
final class ServerLoop {
    let eventLoop: any EventLoop
    let limits: Limits
    let logger: Logger
    var dispatcher: Dispatcher
    private(set) var policy: AccessPolicy
    private(set) var connections: [ObjectIdentifier: ConnectionHandler] = [:]
    private var connectionsByUser: [UInt32: Int] = [:]
    private let ownProcess: Int32?
    /// How many of the connections are the daemon's own.
    private var ownConnections = 0
    var counters = ServerCounters()
    /// Slow calls whose work is not over, those of connections that are gone included.
    private var runningCalls = 0
    private var runningChanges = 0
    private var refusalLoggedAt: NIODeadline?
    private var settling: Set<ObjectIdentifier> = []
    private var waitingForChanges: [EventLoopPromise<Void>] = []
    private var waitingForConnections: [EventLoopPromise<Void>] = []

    init(
        eventLoop: any EventLoop, limits: Limits, ownProcess: Int32?, dispatcher: Dispatcher, policy: AccessPolicy,
        logger: Logger
    ) {
        self.ownProcess = ownProcess
        self.eventLoop = eventLoop
        self.limits = limits
        self.dispatcher = dispatcher
        self.policy = policy
        self.logger = logger
    }

    var figures: ServerFigures {
        ServerFigures(
            connections: clientCount,
            subscriptions: connections.values.reduce(0) { $0 + $1.subscriptionCount }, counters: counters)
    }

    var isIdle: Bool { runningCalls == 0 }

    // MARK: Connections

    private var clientCount: Int { connections.count - ownConnections }

    /// Whether the daemon has connected to itself. The kernel says so: nobody else has its pid while it lives.
    func isOwn(_ peer: PeerCredentials) -> Bool { peer.pid == ownProcess }

    /// Takes a connection in, or says which limit it is over.
    func admit(_ connection: ConnectionHandler, peer: PeerCredentials) -> RPCError? {
        if isOwn(peer) {
            connections[ObjectIdentifier(connection)] = connection
            ownConnections += 1
            return nil
        }
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
        connections[ObjectIdentifier(connection)] = connection
        connectionsByUser[peer.uid] = ofUser + 1
        return nil
    }

    /// At most once a second: whoever is over the limit may try again and again.
    private func logRefusal(_ peer: PeerCredentials, limit: Int) {
        let now = NIODeadline.now()
        if let refusalLoggedAt, now - refusalLoggedAt < .seconds(1) { return }
        refusalLoggedAt = now
        logger.event(
            .connectionRefused, "connection refused: over the limit",
            metadata: ["uid": "\(peer.uid)", "pid": "\(peer.pid)", "limit": "\(limit)"])
    }

    func remove(_ connection: ConnectionHandler, peer: PeerCredentials) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        if isOwn(peer) {
            ownConnections -= 1
        } else {
            connectionsByUser[peer.uid] = connectionsByUser[peer.uid].flatMap { $0 > 1 ? $0 - 1 : nil }
        }
        if connections.isEmpty { succeed(&waitingForConnections) }
    }

    // MARK: Calls

    /// Runs `call` off the loop and brings its answer back to it, whether or not the connection is still there.
    func run(_ call: SlowCall, _ done: @escaping (Answer) -> Void) {
        runningCalls += 1
        if call.isChange { runningChanges += 1 }
        let eventLoop = eventLoop
        let bound = NIOLoopBound((self, done), eventLoop: eventLoop)
        @Sendable func run() async {
            let answer = await call.run()
            eventLoop.execute {
                let (server, done) = bound.value
                server.runningCalls -= 1
                done(answer)
                guard call.isChange else { return }
                server.runningChanges -= 1
                if server.runningChanges == 0 { server.succeed(&server.waitingForChanges) }
            }
        }
        // Tasks begin in any order. One that begins here is in the keeper's queue before the next request is looked at;
        // nothing that may block comes before that.
        if call.entersKeeper { Task.immediate { await run() } } else { Task { await run() } }
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
        for connection in connections.values { connection.profileChanged(serving, isSettled: false) }
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
            for connection in connections.values { connection.profileChanged(serving, isSettled: true) }
        }
    }

    func update(policy: AccessPolicy) {
        self.policy = policy
        for connection in connections.values { connection.permissionsChanged(policy) }
    }

    func update(directory: ProfileDirectory, authority: AuthorityDesk?) {
        let old = dispatcher.directory
        dispatcher.authority = authority
        dispatcher.directory = directory
        let names = Set(old.all.map(\.profile)).union(directory.all.map(\.profile))
        for name in names where old[name] !== directory[name] {
            for connection in connections.values { connection.profileReplaced(name) }
            profileChanged(name)
        }
    }

    // MARK: Stopping

    /// From now on nothing new changes, and nobody watches or waits.
    func beginDraining() {
        dispatcher.isDraining = true
        for connection in connections.values { connection.drain() }
    }

    func whenChangesAreOver() -> EventLoopFuture<Void> {
        guard runningChanges > 0 else { return eventLoop.makeSucceededVoidFuture() }
        let promise = eventLoop.makePromise(of: Void.self)
        waitingForChanges.append(promise)
        return promise.futureResult
    }

    /// Ends every connection as soon as its answers are out.
    func finishConnections() -> EventLoopFuture<Void> {
        for connection in connections.values { connection.stop() }
        guard !connections.isEmpty else { return eventLoop.makeSucceededVoidFuture() }
        let promise = eventLoop.makePromise(of: Void.self)
        waitingForConnections.append(promise)
        return promise.futureResult
    }

    func closeConnections() {
        for connection in connections.values { connection.closeNow() }
    }

    private func succeed(_ promises: inout [EventLoopPromise<Void>]) {
        let due = promises
        promises = []
        for promise in due { promise.succeed() }
    }
}
