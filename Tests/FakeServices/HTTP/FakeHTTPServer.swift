import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// An auth service on loopback that answers what the test tells it to, over real HTTP/1.1.
///
/// Lives until `stop()` or its last reference.
package final class FakeHTTPServer: Sendable {
    package typealias Answering = @Sendable (FakeRequest) async -> FakeAnswer

    private let listener: any Channel
    private let isEncrypted: Bool
    private let record: FakeServerRecord

    private init(listener: any Channel, isEncrypted: Bool, record: FakeServerRecord) {
        self.listener = listener
        self.isEncrypted = isEncrypted
        self.record = record
    }

    deinit {
        listener.close(promise: nil)
        for channel in record.stop() { channel.close(promise: nil) }
    }

    /// Listens on 127.0.0.1, with TLS where `tls` is given, at a free port or at one that another server has left.
    ///
    /// The answer's `content-length` is the body's unless its headers name one; with `transfer-encoding: chunked` the
    /// body goes out in chunks.
    package static func start(
        tls: FakeTLS? = nil, port: Int = 0, _ answer: @escaping Answering
    ) async throws -> FakeHTTPServer {
        let record = FakeServerRecord()
        let context = try tls?.context()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard record.opened(channel) else { throw ChannelError.alreadyClosed }
                    channel.closeFuture.whenComplete { _ in record.closed(channel) }
                    let pipeline = channel.pipeline.syncOperations
                    if let context { try pipeline.addHandler(NIOSSLServerHandler(context: context)) }
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: false)
                    try pipeline.addHandler(FakeExchangeHandler(record: record, answer: answer))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        return FakeHTTPServer(listener: listener, isEncrypted: tls != nil, record: record)
    }

    package var port: Int { listener.localAddress?.port ?? 0 }
    /// `http://127.0.0.1:PORT`, or `https://localhost:PORT`.
    package var baseURL: String { isEncrypted ? "https://localhost:\(port)" : "http://127.0.0.1:\(port)" }

    /// All received so far, whole.
    package var requests: [FakeRequest] { record.requests }
    /// How many connections have been taken so far.
    package var connectionCount: Int { record.connectionCount }

    /// The request of that number, counted from 0, as soon as it has come. An empty one when the task is cancelled or the
    /// server stops before.
    package func request(_ index: Int) async -> FakeRequest { await record.request(index) }

    /// Lets the `.held` answers go, those of now and those to come.
    package func release() { record.release() }

    /// Closes the connections that wait for a next request, as servers do after a while. Returns when they are closed.
    package func closeKeptConnections() async {
        for channel in record.idleChannels { await Self.close(channel) }
    }

    /// Ends listener and connections, with those that hang. Returns when they are closed.
    package func stop() async {
        await Self.close(listener)
        for channel in record.stop() { await Self.close(channel) }
    }

    private static func close(_ channel: any Channel) async {
        channel.close(promise: nil)
        // Closing fails where the other side was first: the future of the end itself never does.
        try? await channel.closeFuture.get()
    }
}
