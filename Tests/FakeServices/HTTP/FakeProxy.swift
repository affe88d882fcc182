import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP proxy on loopback that knows `CONNECT` and leads every tunnel to one port of this machine, whatever its name.
package final class FakeProxy: Sendable {
    private let listener: any Channel
    private let seen: Seen

    private init(listener: any Channel, seen: Seen) {
        self.listener = listener
        self.seen = seen
    }

    deinit { listener.close(promise: nil) }

    /// Answers with `status` instead of a tunnel where it is not 200.
    package static func start(to port: Int, status: Int = 200) async throws -> FakeProxy {
        let seen = Seen()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
                    let encoder = HTTPResponseEncoder()
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandlers([encoder, decoder])
                    try pipeline.addHandler(
                        TunnelHandler(codec: [encoder, decoder], seen: seen, port: port, status: status))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return FakeProxy(listener: listener, seen: seen)
    }

    package var port: Int { listener.localAddress?.port ?? 0 }
    /// The heads of the requests to the proxy itself: the target as path, no body.
    package var requests: [FakeRequest] { seen.requests.withLock { $0 } }

    package func stop() async {
        listener.close(promise: nil)
        try? await listener.closeFuture.get()
    }
}

private final class Seen: Sendable {
    let requests = Mutex<[FakeRequest]>([])
}

/// Answers to `CONNECT`, then takes the codec and itself away and joins the two connections.
private final class TunnelHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let codec: [any RemovableChannelHandler]
    private let seen: Seen
    private let port: Int
    private let status: Int

    init(codec: [any RemovableChannelHandler], seen: Seen, port: Int, status: Int) {
        self.codec = codec
        self.seen = seen
        self.port = port
        self.status = status
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            var headers: [String: String] = [:]
            for (name, value) in head.headers { headers[name.lowercased()] = value }
            let request = FakeRequest(verb: head.method.rawValue, path: head.uri, headers: headers)
            seen.requests.withLock { $0.append(request) }
        case .body: break
        case .end: status == 200 ? connect(context) : refuse(context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func refuse(_ context: ChannelHandlerContext) {
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: ["content-length": "0"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    private func connect(_ context: ChannelHandlerContext) {
        let inner = context.channel
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        ClientBootstrap(group: context.eventLoop).channelInitializer { outer in
            outer.eventLoop.makeCompletedFuture {
                try outer.pipeline.syncOperations.addHandler(JoinHandler(to: inner))
            }
        }.connect(host: "127.0.0.1", port: port).whenComplete { result in
            switch result {
            case .failure: inner.close(promise: nil)
            case .success(let outer): bound.value.handler.join(bound.value.context, to: outer)
            }
        }
    }

    private func join(_ context: ChannelHandlerContext, to outer: any Channel) {
        context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .ok))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        let pipeline = context.pipeline.syncOperations
        do { try pipeline.addHandler(JoinHandler(to: outer)) } catch { return context.close(promise: nil) }
        // The decoder last: it hands on the bytes that it still has, and they are no requests any more.
        pipeline.removeHandler(self, promise: nil)
        for handler in codec { pipeline.removeHandler(handler, promise: nil) }
    }
}

/// Gives every byte to the other connection, and ends with it.
private final class JoinHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let other: any Channel

    init(to other: any Channel) { self.other = other }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        other.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }
    func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
