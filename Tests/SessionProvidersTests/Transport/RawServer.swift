import NIOCore
import NIOPosix

/// Takes connections and answers whatever comes with its text; closes then where told.
final class RawServer: Sendable {
    private let listener: any Channel
    private let connections: AsyncStream<Void>

    private init(_ listener: any Channel, _ connections: AsyncStream<Void>) {
        self.listener = listener
        self.connections = connections
    }

    var port: Int { listener.localAddress?.port ?? 0 }

    static func start(_ text: String, closes: Bool = false) async throws -> RawServer {
        let (connections, arrival) = AsyncStream.makeStream(of: Void.self)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Speaker(text, closes: closes))
                    arrival.yield()
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return RawServer(listener, connections)
    }

    /// Returns when there has been a connection.
    func connection() async {
        for await _ in connections { return }
    }

    func stop() async {
        listener.close(promise: nil)
        try? await listener.closeFuture.get()
    }

    private final class Speaker: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let text: String
        private let closes: Bool

        init(_ text: String, closes: Bool) {
            self.text = text
            self.closes = closes
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            if closes { context.close(promise: nil) }
        }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
