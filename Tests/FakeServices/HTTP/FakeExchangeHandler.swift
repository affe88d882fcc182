import FoundationEssentials
import NIOCore
import NIOHTTP1

/// One connection of a fake server: collects a request, asks the test for its answer, and gives that in its manner.
final class FakeExchangeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let record: FakeServerRecord
    private let answer: FakeHTTPServer.Answering
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(record: FakeServerRecord, answer: @escaping FakeHTTPServer.Answering) {
        self.record = record
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(let part): body += part.readableBytesView
        case .end:
            guard let head else { return }
            let request = FakeRequest(head, body: body)
            self.head = nil
            body = []
            record.received(request, on: context.channel)
            Self.begin(request, isKeepAlive: head.isKeepAlive, on: context.channel, record, answer)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A client that resets, closes in the middle or refuses our certificate: its side is what the test looks at.
        context.close(promise: nil)
    }

    private static func begin(
        _ request: FakeRequest, isKeepAlive: Bool, on channel: any Channel, _ record: FakeServerRecord,
        _ answering: @escaping FakeHTTPServer.Answering
    ) {
        Task { await exchange(request, isKeepAlive: isKeepAlive, on: channel, record, answering) }
    }

    private static func exchange(
        _ request: FakeRequest, isKeepAlive: Bool, on channel: any Channel, _ record: FakeServerRecord,
        _ answering: FakeHTTPServer.Answering
    ) async {
        let answer = await answering(request)
        var length = answer.body.count
        var ends =
            !isKeepAlive || answer.headers.contains { $0.key.lowercased() == "connection" && $0.value == "close" }
        switch answer.manner {
        case .hang: return
        case .drop: return channel.close(promise: nil)
        case .whole: break
        case .truncated(let after):
            length = min(after, length)
            ends = true
        case .held: await record.untilReleased()
        }
        var response = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status),
            headers: HTTPHeaders(answer.headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))
        if !response.headers.contains(name: "content-length"), !response.headers.contains(name: "transfer-encoding") {
            response.headers.add(name: "content-length", value: "\(answer.body.count)")
        }
        channel.write(HTTPServerResponsePart.head(response), promise: nil)
        for start in stride(from: 0, to: length, by: 16 << 10) {
            let part = ByteBuffer(bytes: answer.body[start..<min(start + 16 << 10, length)])
            channel.write(HTTPServerResponsePart.body(.byteBuffer(part)), promise: nil)
        }
        // Before the end is written: the client may have it, and the test act on it, before this task goes on.
        if !ends { record.answered(on: channel) }
        // A write fails where the client has left: nothing remains to be told to it.
        if case .truncated = answer.manner {
            try? await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer()))).get()
        } else {
            try? await channel.writeAndFlush(HTTPServerResponsePart.end(nil)).get()
        }
        if ends { channel.close(promise: nil) }
    }
}

extension FakeRequest {
    fileprivate init(_ head: HTTPRequestHead, body: [UInt8]) {
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(verb: head.method.rawValue, path: String(parts[0]), body: body)
        for (name, value) in head.headers where headers[name.lowercased()] == nil {
            headers[name.lowercased()] = value
        }
        guard parts.count == 2, let items = URLComponents(string: "?\(parts[1])")?.queryItems else { return }
        for item in items { query[item.name] = item.value ?? "" }
    }
}
