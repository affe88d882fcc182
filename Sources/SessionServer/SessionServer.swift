import Dispatch
import Glibc
package import Logging
package import SessionCore
import SessionProtocol
import Synchronization

/// Serves local processes over Unix sockets. One event loop on one thread does all of it.
package final class SessionServer: Sendable {
    private let loop: EventLoop
    private let administration = DispatchQueue(label: "sessiond.administration")
    private let configuration: ServerConfiguration
    private let logger: Logger
    private let changed = Mutex(ChangedProfiles())

    /// Profiles that have changed and whose news has not reached the event loop.
    private struct ChangedProfiles {
        var names: Set<String> = []
        var isStopped = false
    }

    /// A server that does not listen yet. `authority` is nil where no profile is embedded.
    ///
    /// - Throws: `ListenError.system` where the kernel has no descriptor or thread left for it.
    package init(
        configuration: ServerConfiguration, directory: ProfileDirectory, policy: AccessPolicy,
        authority: (any AuthorityAdministration)?, environment: ServerEnvironment, logger: Logger
    ) throws(ListenError) {
        self.configuration = configuration
        self.logger = logger
        let administration = administration
        do {
            loop = try EventLoop.start { gate in
                let dispatcher = Dispatcher(
                    directory: directory,
                    authority: authority.map { AuthorityDesk(administration: $0, queue: administration) },
                    environment: environment, limits: configuration.limits)
                return ServerLoop(
                    gate, limits: configuration.limits, ownProcess: configuration.ownProcess, dispatcher: dispatcher,
                    policy: policy, logger: logger)
            }
        } catch {
            throw .system(call: error.call, path: "event loop", errno: error.errno)
        }
    }

    deinit { loop.end() }

    /// Starts to accept clients on every listener of the configuration. When it throws, none is left.
    package func start() async throws(ListenError) {
        do throws(ListenError) {
            for wanted in configuration.listeners {
                let listener = try Listener.open(wanted)
                let isAdded = await loop.visit { $0.add(listener) }
                guard isAdded else {
                    listener.close()
                    throw .system(call: "epoll_ctl", path: "\(wanted)", errno: ENOSPC)
                }
            }
        } catch {
            await loop.visit { $0.closeListeners() }
            throw error
        }
    }

    /// A keeper has put a new state on its board. Any thread may call this; it does not wait.
    package func profileChanged(_ profile: String) {
        let isFirst = changed.withLock { changed in
            !changed.isStopped && changed.names.insert(profile).inserted && changed.names.count == 1
        }
        guard isFirst else { return }
        loop.leave { server in
            for name in self.takeChanges() { server.profileChanged(name) }
        }
    }

    /// Has the event loop call back when it gets round to it; never, once the server is stopped.
    package func askLoop(_ answer: @escaping @Sendable () -> Void) {
        if !changed.withLock({ $0.isStopped }) { loop.leave { _ in answer() } }
    }

    private func takeChanges() -> Set<String> {
        changed.withLock { changed in
            defer { changed.names = [] }
            return changed.names
        }
    }

    /// Other permissions from now on, for connected clients too. Subscriptions that lost `read` are closed.
    package func update(policy: AccessPolicy) async {
        await loop.visit { $0.update(policy: policy) }
    }

    /// Other profiles from now on. Watchers of a profile that another object serves are told its state anew.
    package func update(directory: ProfileDirectory, authority: (any AuthorityAdministration)?) async {
        let desk = authority.map { AuthorityDesk(administration: $0, queue: administration) }
        await loop.visit { $0.update(directory: directory, authority: desk) }
    }

    /// Stops: accepts nobody, refuses new changes, ends subscriptions, lets started changes finish and their answers
    /// out, closes. Returns when that is done or `duration` has passed, whichever comes first. Call it once.
    package func shutdown(within duration: Duration = .seconds(2)) async {
        await loop.visit { $0.closeListeners() }
        let limitMs = Int64(duration / .milliseconds(1))
        let isDrained = await withCheckedContinuation { continuation in
            loop.leave { server in
                server.drain(withinMs: limitMs) { continuation.resume(returning: $0) }
            }
        }
        if !isDrained { logger.warning("stopped before all clients were served") }
        changed.withLock { $0.isStopped = true }
        // A call that still runs comes back to the loop, which lives for as long as somebody needs it.
        await loop.visit { $0.closeConnections() }
    }
}
