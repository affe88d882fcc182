import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import SessionCore
import Synchronization

/// The HTTP clients, one for each way to a host and connect timeout, on one event-loop thread.
///
/// What is trusted goes with each request (the client pools connections by it), so that a mended `caFile` needs no new
/// client. A client that is released while it runs ends a debug build: here none can be, whoever forgets `shutDown`.
final class ClientPool: Sendable {
    private struct Key: Hashable {
        var route: ProxyRules.Route
        var connectMs: Int64
    }

    private struct State {
        var clients: [Key: HTTPClient] = [:]
        /// Made with the first client: a daemon without network providers needs no thread for them.
        var loops: MultiThreadedEventLoopGroup?
        /// Set by the first `shutDown`.
        var ending: Task<Void, Never>?
    }

    private let state = Mutex(State())

    deinit {
        let ending = end()
        guard let loops = state.withLock({ $0.loops }) else { return }
        // The thread outlives the clients: whoever still holds one of this pool's futures has released the pool.
        Task.detached {
            await ending.value
            await Self.finish { try await loops.shutdownGracefully() }
        }
    }

    /// nil for a route that cannot be used and after `shutDown`.
    func client(for route: ProxyRules.Route, connectMs: Int64) -> HTTPClient? {
        let key = Key(route: route, connectMs: connectMs)
        if let known = state.withLock({ $0.clients[key] }) { return known }
        guard let configuration = Self.configuration(route, connectMs: connectMs) else { return nil }
        let client = HTTPClient(eventLoopGroupProvider: .shared(loops()), configuration: configuration)
        // Between the two locks another caller may have made the same client, or the pool may have ended.
        let kept = state.withLock { state -> HTTPClient? in
            guard state.ending == nil else { return nil }
            if let known = state.clients[key] { return known }
            state.clients[key] = client
            return client
        }
        if kept !== client { Task.detached { await Self.finish(client.shutdown) } }
        return kept
    }

    private func loops() -> MultiThreadedEventLoopGroup {
        state.withLock { state in
            if let loops = state.loops { return loops }
            let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            state.loops = loops
            return loops
        }
    }

    /// Ends every call at once; they fail. Connection attempts under way are waited for no longer than `graceMs`: they
    /// end by themselves with their timeout.
    func shutDown(graceMs: Int64 = 2_000) async {
        let ending = end()
        let (over, finish) = AsyncStream.makeStream(of: Never.self)
        Task.detached {
            await ending.value
            finish.finish()
        }
        let limit = Task.detached {
            // A cancelled limit is one that is no longer needed.
            try? await Task.sleep(for: .milliseconds(graceMs))
            finish.finish()
        }
        for await _ in over {}
        limit.cancel()
    }

    private func end() -> Task<Void, Never> {
        state.withLock { state in
            if let ending = state.ending { return ending }
            let ending = Task.detached { [clients = Array(state.clients.values)] in
                await withDiscardingTaskGroup { group in
                    for client in clients { group.addTask { await Self.finish(client.shutdown) } }
                }
            }
            state.ending = ending
            return ending
        }
    }

    /// Both shutdowns throw only where they have been asked for before.
    private static func finish(_ shutdown: () async throws -> Void) async {
        do { try await shutdown() } catch { assertionFailure("shut down twice: \(error)") }
    }
}

extension ClientPool {
    private static func configuration(_ route: ProxyRules.Route, connectMs: Int64) -> HTTPClient.Configuration? {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.decompression = .disabled
        configuration.httpVersion = .http1Only
        configuration.tracing.tracer = nil
        configuration.timeout = .init(connect: .milliseconds(connectMs))
        // Shorter than the idle limits of usual servers and balancers (60 s and more), so that few requests meet a
        // connection that is being closed.
        configuration.connectionPool.idleTimeout = .seconds(20)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        // The keeper asks again in its own time; within a call a refused connection is an answer.
        configuration.connectionPool.retryConnectionEstablishment = false
        var forwarded: Proxy?
        switch route {
        case .direct: break
        case .tunnel(let proxy):
            configuration.proxy = .server(host: proxy.host, port: proxy.port, authorization: proxy.authorization)
        case .forward(let proxy): forwarded = proxy
        case .unusable: return nil
        }
        // Named for debugging, but the one public place where a connection's handlers can be added.
        configuration.http1_1ConnectionDebugInitializer = { [forwarded] channel in
            channel.eventLoop.submit {
                let pipeline = channel.pipeline.syncOperations
                let codec = try pipeline.handler(type: ByteToMessageHandler<HTTPResponseDecoder>.self)
                try pipeline.addHandler(KeptConnectionHandler(), position: .after(codec))
                if let forwarded {
                    try pipeline.addHandler(
                        ForwardProxyHandler(authorization: forwarded.authorization?.headerValue),
                        position: .after(codec))
                }
            }
        }
        return configuration
    }
}

extension Proxy {
    fileprivate var authorization: HTTPClient.Authorization? {
        user.map { .basic(username: $0, password: password?.reveal() ?? "") }
    }
}
