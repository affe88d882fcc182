import Logging
import NIOCore
import SessionCore
import SessionProtocol

/// One client: moves bytes between its channel and its machine, on the event loop.
///
/// Everything happens in turns: lines are taken while the machine and the output have room, effects are carried out,
/// and what was written goes out in one flush.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Output that may wait unsent before the server stops reading requests.
    static let outputHighWaterMark = 256 * 1024
    static let outputLowWaterMark = 64 * 1024
    /// How long the server waits, after it has ended its side, for a client that is still sending.
    private static let lingering = TimeAmount.seconds(1)

    private enum Stage {
        case serving
        /// What is written is being flushed; input is thrown away.
        case closing
    }

    let server: ServerLoop
    let peer: PeerCredentials
    var grants: Grants
    var machine: ConnectionMachine
    var book = SubscriptionBook()
    var waits: [Ticket: PhaseWait] = [:]
    /// Profiles that may have changed since their subscriptions were last looked at.
    var unseen: Set<String> = []
    /// Profiles whose state is current although time says otherwise: the keeper has just settled them.
    var settled: Set<String> = []
    var wasDenied = false

    private var context: ChannelHandlerContext?
    private var stage = Stage.serving
    private var input = ByteBuffer()
    private var framer: LineFramer
    var output = ByteBuffer()
    private var bytesSent: UInt64 = 0
    private var hasInputEnded = false
    private var isReadDeferred = false
    private var isTurning = false
    private var needsTurn = false
    private var timer: (at: Int64, task: Scheduled<Void>)?
    /// Closes the channel where the peer takes too long to let it be closed.
    private var ending: Scheduled<Void>?

    init(server: ServerLoop, peer: PeerCredentials) {
        self.server = server
        self.peer = peer
        self.grants = server.policy.grants(to: peer)
        self.machine = ConnectionMachine(limits: server.limits)
        self.framer = LineFramer(maxBytes: server.limits.maxRequestBytes)
    }

    var subscriptionCount: Int { book.count }

    /// Milliseconds of the clock that connection deadlines run on; it stands still while the machine sleeps.
    var now: Int64 { Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000) }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        if let refusal = server.admit(self, peer: peer) {
            output.writeReply(Reply(id: nil, answer: .failed(refusal)), limit: server.limits.maxReplyBytes)
            close(context, flushing: true, lingering: true)
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.task.cancel()
        timer = nil
        ending?.cancel()
        ending = nil
        stage = .closing
        machine.peerGone()
        waits = [:]
        server.remove(self, peer: peer)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard stage == .serving else { return }
        var received = unwrapInboundIn(data)
        if input.readableBytes == 0 { input = received } else { input.writeBuffer(&received) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        turn()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        turn()
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(ChannelEvent.inputClosed) = event as? ChannelEvent {
            hasInputEnded = true
            if stage == .closing { context.close(promise: nil) } else { turn() }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// A peer that resets the connection is a peer that is gone: there is nobody to tell.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func read(context: ChannelHandlerContext) {
        if wantsInput(context) { context.read() } else { isReadDeferred = true }
    }

    private func wantsInput(_ context: ChannelHandlerContext) -> Bool {
        stage == .closing || machine.acceptsLines && context.channel.isWritable
    }

    // MARK: Turns

    /// Does all that can be done now. Flushing may call back into here; then another round follows.
    func turn() {
        guard stage == .serving, let context else { return }
        guard !isTurning else { return needsTurn = true }
        isTurning = true
        repeat {
            needsTurn = false
            takeLines(context)
            let wasFull = !machine.acceptsLines
            carryOut()
            // What has ended makes room for lines that have come already: nothing else would wake us for them.
            if wasFull, machine.acceptsLines { needsTurn = true }
            if !unseen.isEmpty, context.channel.isWritable { notify() }
            flush(context)
        } while needsTurn && stage == .serving
        isTurning = false
        guard stage == .serving else { return }
        if isReadDeferred, wantsInput(context) {
            isReadDeferred = false
            context.read()
        }
        schedule()
    }

    private func takeLines(_ context: ChannelHandlerContext) {
        var taken = 0
        var needsBytes = false
        while !needsBytes, machine.acceptsLines, output.readableBytes < Self.outputHighWaterMark,
            context.channel.isWritable
        {
            var used = 0
            let limits = server.limits
            let pull = framer.nextLine(in: input.readableBytesUInt8Span, from: &used) {
                LineParser.parse($0, limits: limits)
            }
            input.moveReaderIndex(forwardBy: used)
            switch pull {
            case .line(let line):
                taken += 1
                count(line)
                machine.receive(line)
                carryOut()
            case .lineTooLong:
                machine.lineTooLong()
                return
            case .needsBytes: needsBytes = true
            }
        }
        // Given back rather than kept: the channel reads into it again, and an idle connection holds no buffer.
        if input.readableBytes == 0 { input = ByteBuffer() }
        machine.partialLine(framer.hasPartialLine, isNew: taken > 0, now: now)
        if needsBytes, hasInputEnded { machine.inputEnded() }
        // The output filled up by lines alone: flushing may make room at once.
        if !needsBytes, machine.acceptsLines, output.readableBytes >= Self.outputHighWaterMark { needsTurn = true }
    }

    private func carryOut() {
        while stage == .serving, let effect = machine.next() {
            switch effect {
            case .perform(let ticket, let request): perform(ticket, request)
            case .send(let reply):
                count(reply)
                output.writeReply(reply, limit: server.limits.maxReplyBytes)
            case .sendBatch(let replies):
                for reply in replies { count(reply) }
                output.writeBatch(replies, limit: server.limits.maxReplyBytes)
            case .abandon(let ticket): abandon(ticket)
            case .close(let reason): end(reason)
            }
        }
    }

    private func count(_ line: ParsedLine) {
        if case .refused(_, isLexical: true) = line { server.counters.badLines += 1 }
    }

    private func count(_ reply: Reply) {
        guard case .failed(let error) = reply.answer else { return }
        server.counters.errors += 1
        if error.kind == "deadlineExceeded" { server.counters.deadlinesExceeded += 1 }
    }

    /// One flush for all that was written in this turn.
    private func flush(_ context: ChannelHandlerContext) {
        guard stage == .serving else { return }
        if output.readableBytes > 0 {
            bytesSent += UInt64(output.readableBytes)
            context.writeAndFlush(wrapOutboundOut(output), promise: nil)
            output.clear()
        }
        sampleOutput(context)
    }

    private func sampleOutput(_ context: ChannelHandlerContext) {
        guard let pending = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes) else { return }
        machine.outputSampled(pending: pending, written: bytesSent - UInt64(pending), now: now)
    }

    // MARK: Deadlines

    private func schedule() {
        guard let due = machine.nextDeadline else { return }
        if let timer, timer.at <= due { return }
        timer?.task.cancel()
        let bound = NIOLoopBound(self, eventLoop: server.eventLoop)
        let delay = TimeAmount.milliseconds(max(due - now, 0))
        timer = (due, server.eventLoop.scheduleTask(in: delay) { bound.value.timePassed() })
    }

    private func timePassed() {
        timer = nil
        guard stage == .serving, let context else { return }
        sampleOutput(context)
        machine.timePassed(now: now)
        turn()
    }

    // MARK: Closing

    private func end(_ reason: ConnectionMachine.CloseReason) {
        guard let context else { return }
        tell(reason)
        close(context, flushing: reason.flushes, lingering: reason.lingers)
    }

    private func tell(_ reason: ConnectionMachine.CloseReason) {
        let metadata: Logger.Metadata = [
            "reason": "\(reason.rawValue)", "uid": "\(peer.uid)", "pid": "\(peer.pid)",
        ]
        switch reason {
        case .finished, .stopped: break
        case .stuckOutput:
            server.counters.closedStuck += 1
            server.logger.event(.subscriberOverrun, "connection closed", metadata: metadata)
        case .badLines, .lineTooLong, .partialLine: server.logger.notice("connection closed", metadata: metadata)
        }
    }

    /// Ends the connection; with `flushing`, after what is written has reached the kernel; with `lingering`, a moment
    /// after that: closing over unread input would turn our last line into a reset.
    private func close(_ context: ChannelHandlerContext, flushing: Bool, lingering: Bool) {
        guard stage == .serving else { return }
        stage = .closing
        timer?.task.cancel()
        guard flushing else { return context.close(promise: nil) }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let flushed = context.eventLoop.makePromise(of: Void.self)
        flushed.futureResult.whenComplete { _ in
            let (connection, context) = bound.value
            guard lingering, !connection.hasInputEnded, context.channel.isActive else {
                return context.close(promise: nil)
            }
            context.close(mode: .output, promise: nil)
            context.read()
            connection.ending?.cancel()
            connection.ending = context.eventLoop.scheduleTask(in: Self.lingering) {
                bound.value.1.close(promise: nil)
            }
        }
        ending = context.eventLoop.scheduleTask(in: .milliseconds(server.limits.stuckOutputTimeoutMs)) {
            bound.value.1.close(promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(output), promise: flushed)
        output.clear()
    }

    func closeNow() { context?.close(promise: nil) }

    /// There is more to write than one turn should hold: another round follows the flush.
    func needsNextTurn() { needsTurn = true }
}
