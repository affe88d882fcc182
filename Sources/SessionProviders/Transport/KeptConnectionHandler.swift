import NIOCore
import NIOHTTP1
import NIOSSL

/// The server has closed a kept connection before it answered a later request on it.
struct KeptConnectionClosed: Error {}

/// Tells the end of a *kept* connection from that of a new one, which the client's errors do not.
///
/// A server closes idle connections when it likes. Where that crosses a request on the wire, the request was most likely
/// never seen (RFC 9112, section 9.3.1); a new connection that ends without an answer is a server in trouble.
///
/// Sits between the HTTP codec and the client's handler.
final class KeptConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = HTTPClientResponsePart
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    private var requests = 0
    private var isUnanswered = false

    private var isKeptAndUnanswered: Bool { requests > 1 && isUnanswered }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .head = unwrapOutboundIn(data) else {
            return context.write(data, promise: isKeptAndUnanswered ? named(promise, context.eventLoop) : promise)
        }
        requests += 1
        isUnanswered = true
        context.write(data, promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isUnanswered = false
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.fireErrorCaught(isKeptAndUnanswered && Self.isEnd(error) ? KeptConnectionClosed() : error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if isKeptAndUnanswered { context.fireErrorCaught(KeptConnectionClosed()) }
        context.fireChannelInactive()
    }

    /// A write that fails reports to its promise alone.
    private func named(_ promise: EventLoopPromise<Void>?, _ eventLoop: any EventLoop) -> EventLoopPromise<Void>? {
        guard let promise else { return nil }
        let own = eventLoop.makePromise(of: Void.self)
        own.futureResult.whenComplete { result in
            switch result {
            case .success: promise.succeed()
            case .failure(let error): promise.fail(Self.isEnd(error) ? KeptConnectionClosed() : error)
            }
        }
        return own
    }

    private static func isEnd(_ error: any Error) -> Bool {
        switch error {
        case is IOError, NIOSSLError.uncleanShutdown, ChannelError.eof, ChannelError.ioOnClosedChannel: true
        default: false
        }
    }
}
