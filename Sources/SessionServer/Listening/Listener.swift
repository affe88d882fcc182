import Glibc
import Logging
import NIOCore
import NIOPosix

/// A socket on which clients are accepted.
struct Listener: Sendable {
    private let channel: any Channel
    /// The node to remove; nil where somebody else owns it.
    private let node: SocketNode?

    /// As many as the kernel allows (net.core.somaxconn): clients queue while the daemon restarts or lacks descriptors.
    private static let backlog: CInt = 4096

    /// Opens a listener. `connect` sets up each accepted channel, on its loop.
    static func open(
        _ listener: ServerConfiguration.Listener, on group: MultiThreadedEventLoopGroup, logger: Logger,
        _ connect: @escaping @Sendable (any Channel, PeerCredentials) throws -> Void
    ) async throws -> Listener {
        switch listener {
        case .inherited(let descriptor):
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            let channel = try await accept(on: descriptor, group, logger, connect)
            return Listener(channel: channel, node: nil)
        case .node(let path):
            let node = try SocketNode.make(path, backlog: backlog)
            do {
                return Listener(channel: try await accept(on: node.descriptor, group, logger, connect), node: node)
            } catch {
                node.remove()
                throw error
            }
        }
    }

    /// Stops accepting and removes the node where it is the server's own.
    func close() async {
        // The node goes first, so that nobody connects to a socket that is about to close.
        node?.remove()
        do { try await channel.close() } catch {
            // It closed by itself before, which is what was wanted.
        }
    }

    private static func accept(
        on descriptor: CInt, _ group: MultiThreadedEventLoopGroup, _ logger: Logger,
        _ connect: @escaping @Sendable (any Channel, PeerCredentials) throws -> Void
    ) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler())
                    try channel.pipeline.syncOperations.addHandler(AcceptErrorHandler(logger: logger))
                    // NIO has already called listen() with a backlog of its own.
                    try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
                        _ = listen($0, backlog)
                    }
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(
                .writeBufferWaterMark,
                value: .init(
                    low: ConnectionHandler.outputLowWaterMark, high: ConnectionHandler.outputHighWaterMark)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let peer = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
                        of: NIOBSDSocket.Handle.self
                    ) { PeerCredentials(socket: $0) }
                    // Without the kernel's word there is nobody to serve.
                    guard let peer = peer ?? nil else {
                        logger.warning("connection not accepted: the kernel does not tell whose it is")
                        throw ChannelError.inappropriateOperationForState
                    }
                    try connect(channel, peer)
                }
            }
            .withBoundSocket(descriptor).get()
    }
}

/// Logs that connections cannot be accepted now. The channel goes on: out of descriptors is no reason to stop serving.
private final class AcceptErrorHandler: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.warning("connection not accepted", metadata: ["error": "\(error)"])
    }
}
