import NIOCore
import NIOPosix

/// Takes connections, says its text at once, closes where told, and reads whatever comes.
final class RawServer: Sendable {
    private let listener: any Channel

    private init(_ listener: any Channel) { self.listener = listener }

    var port: Int { listener.localAddress?.port ?? 0 }

    static func start(_ text: String, closes: Bool = false) async throws -> RawServer {
        RawServer(
            try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Speaker(text, closes: closes))
                    }
                }
                .bind(host: "127.0.0.1", port: 0).get())
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
