package import Logging
import NIOCore
import NIOPosix
package import SessionCore
import SessionProtocol
import Synchronization

/// Serves local processes over Unix sockets. One event loop on one thread does all of it.
package final class SessionServer: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let eventLoop: any EventLoop
    private let pool: NIOThreadPool
    private let configuration: ServerConfiguration
    private let logger: Logger
    private let loop: NIOLoopBoundBox<ServerLoop>
    private let changed = Mutex(ChangedProfiles())
    private let listeners = Mutex<[Listener]>([])

    /// Profiles that have changed and whose news has not reached the event loop.
    private struct ChangedProfiles {
        var names: Set<String> = []
        var isStopped = false
    }

    /// A server that does not listen yet. `authority` is nil where no profile is embedded.
    package init(
        configuration: ServerConfiguration, directory: ProfileDirectory, policy: AccessPolicy,
        authority: (any AuthorityAdministration)?, environment: ServerEnvironment, logger: Logger
    ) {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let pool = NIOThreadPool(numberOfThreads: 1)
        self.group = group
        self.eventLoop = group.next()
        self.pool = pool
        self.configuration = configuration
        self.logger = logger
        let dispatcher = Dispatcher(
            directory: directory, authority: authority.map { AuthorityDesk(administration: $0, pool: pool) },
            environment: environment, limits: configuration.limits)
        self.loop = .makeBoxSendingValue(
            ServerLoop(
                eventLoop: eventLoop, limits: configuration.limits, ownProcess: configuration.ownProcess,
                dispatcher: dispatcher, policy: policy, logger: logger), eventLoop: eventLoop)
        pool.start()
    }

    /// Starts to accept clients on every listener of the configuration. When it throws, none is left.
    package func start() async throws {
        do {
            for listener in configuration.listeners {
                let accepting = try await Listener.open(listener, on: group, logger: logger) { [loop] channel, peer in
                    try channel.pipeline.syncOperations.addHandler(ConnectionHandler(server: loop.value, peer: peer))
                }
                listeners.withLock { $0.append(accepting) }
            }
        } catch {
            await closeListeners()
            throw error
        }
    }

    /// A keeper has put a new state on its board. Any thread may call this; it does not wait.
    package func profileChanged(_ profile: String) {
        changed.withLock { changed in
            guard !changed.isStopped, changed.names.insert(profile).inserted, changed.names.count == 1 else { return }
            // Enqueueing under the lock keeps the loop from being shut down in between; it runs nothing of ours.
            eventLoop.execute { self.tellChanges() }
        }
    }

    /// Has the event loop call back when it gets round to it; never, once the server is stopped.
    package func askLoop(_ answer: @escaping @Sendable () -> Void) {
        changed.withLock { changed in
            if !changed.isStopped { eventLoop.execute(answer) }
        }
    }

    private func tellChanges() {
        let names = changed.withLock { changed in
            defer { changed.names = [] }
            return changed.names
        }
        for name in names { loop.value.profileChanged(name) }
    }

    /// Other permissions from now on, for connected clients too. Subscriptions that lost `read` are closed.
    package func update(policy: AccessPolicy) async {
        await onLoop { $0.update(policy: policy) }
    }

    /// Other profiles from now on. Watchers of a profile that another object serves are told its state anew.
    package func update(directory: ProfileDirectory, authority: (any AuthorityAdministration)?) async {
        let desk = authority.map { AuthorityDesk(administration: $0, pool: pool) }
        await onLoop { $0.update(directory: directory, authority: desk) }
    }

    /// Stops: accepts nobody, refuses new changes, ends subscriptions, lets started changes finish and their answers
    /// out, closes. Returns when that is done or `duration` has passed, whichever comes first. Call it once.
    package func shutdown(within duration: Duration = .seconds(2)) async {
        await closeListeners()
        let deadline = NIODeadline.now() + .nanoseconds(Int64(duration / .nanoseconds(1)))
        let isDrained = await drain(by: deadline)
        if !isDrained { logger.warning("stopped before all clients were served") }
        changed.withLock { $0.isStopped = true }
        let isIdle = await onLoop { server in
            server.closeConnections()
            return server.isIdle
        }
        // A call that still runs comes back to the loop; the process ends before it would matter.
        guard isIdle else { return }
        do {
            try await pool.shutdownGracefully()
            try await group.shutdownGracefully()
        } catch {
            logger.warning("event loop did not stop", metadata: ["error": "\(error)"])
        }
    }

    /// Whether every connection was served to its end before the deadline.
    private func drain(by deadline: NIODeadline) async -> Bool {
        let loop = loop
        let eventLoop = eventLoop
        let over = eventLoop.makePromise(of: Bool.self)
        eventLoop.execute {
            let timer = eventLoop.scheduleTask(deadline: deadline) { over.succeed(false) }
            loop.value.beginDraining()
            loop.value.whenChangesAreOver().flatMap { loop.value.finishConnections() }.whenComplete { _ in
                timer.cancel()
                over.succeed(true)
            }
        }
        do { return try await over.futureResult.get() } catch { return false }
    }

    private func closeListeners() async {
        let open = listeners.withLock { listeners in
            defer { listeners = [] }
            return listeners
        }
        for listener in open { await listener.close() }
    }

    private func onLoop<Result: Sendable>(_ body: @escaping @Sendable (ServerLoop) -> Result) async -> Result {
        let loop = loop
        return await withCheckedContinuation { continuation in
            eventLoop.execute { continuation.resume(returning: body(loop.value)) }
        }
    }
}
