package import SessionProtocol

/// What a connection does next: which requests run, which answers go out, when it ends. A value without I/O.
///
/// The driver feeds events, and after each of them pulls effects with `next()` until there are none. After `perform` it
/// must report `answered` or `started` before it pulls again: that is how the machine stops at the limit of slow calls.
/// Times are milliseconds of any clock that only moves forward.
package struct ConnectionMachine {
    /// What the driver must do.
    package enum Effect: Sendable {
        /// Carry out a request, then report `answered`, or `started` and later `answered`.
        case perform(Ticket, Request)
        case send(Reply)
        /// One line: an array in the order in which the answers came.
        case sendBatch([Reply])
        /// Nobody waits for this call any more: a mere wait is to be ended, a change goes on.
        case abandon(Ticket)
        /// The last effect.
        case close(CloseReason)
    }

    /// Why the server ends a connection.
    package enum CloseReason: String, Sendable {
        case finished, badLines, lineTooLong, partialLine, stuckOutput, stopped

        /// Whether what is written must reach the peer first.
        package var flushes: Bool { self != .stuckOutput }

        /// Whether the peer may still be sending, and would lose our last line to a reset if we closed over it.
        package var lingers: Bool { self == .badLines || self == .lineTooLong || self == .partialLine }
    }

    private enum State { case open, inputEnded, closed }

    let limits: Limits
    private var state = State.open
    private var effects: [Effect] = []
    private var nextEffect = 0
    var waiting: [(ticket: Ticket, request: Request)] = []
    var calls: [Ticket: Call] = [:]
    var tickets: [RequestID: Ticket] = [:]
    var batches: [Int: Batch] = [:]
    private var slowCalls = 0
    private var badLines = 0
    private var isStopping = false
    private var lastNumber: UInt64 = 0
    var deadlines = ConnectionDeadlines()
    /// Subscriptions keep a half-closed connection.
    package var subscriptions = 0

    /// A request that has come and is not over.
    struct Call {
        let id: RequestID?
        let batch: Int?
        var isSlow = false
        /// Its answer has gone out, and its work goes on.
        var isAnswered = false
        var deadline: (at: Int64, timeoutMs: Int64)?
    }

    /// A batch whose array is not out.
    struct Batch {
        var unanswered: Int
        var replies: [Reply] = []
        var ids: [RequestID] = []
    }

    package init(limits: Limits) { self.limits = limits }

    package var isClosed: Bool { state == .closed }

    /// Whether the next line may be taken: at the limit of slow calls the server stops reading.
    package var acceptsLines: Bool { state == .open && waiting.isEmpty && slowCalls < limits.maxInFlight }

    /// Slow calls whose work is not over, answered or not.
    package var runningCalls: Int { slowCalls }

    // MARK: Events

    package mutating func receive(_ line: ParsedLine) {
        guard state == .open else { return }
        switch line {
        case .blank: return
        case .refused(let error, let isLexical):
            send(Reply(id: nil, answer: .failed(error)))
            badLines = isLexical ? badLines + 1 : 0
            if badLines >= limits.maxBadLines { close(.badLines) }
        case .single(let entry):
            badLines = 0
            switch entry {
            case .request(let request): admit(request, batch: nil)
            case .refused(let error, let id): send(Reply(id: id, answer: .failed(error)))
            }
        case .batch(let entries):
            badLines = 0
            admit(entries)
        }
    }

    /// Whether a request under this id may be carried out and answered at once, without becoming a call: nothing is
    /// before it, and its id is free. It counts as a good line.
    package mutating func passes(_ id: RequestID) -> Bool {
        guard state == .open, waiting.isEmpty, effects.isEmpty, tickets.isEmpty || tickets[id] == nil else {
            return false
        }
        badLines = 0
        return true
    }

    package mutating func lineTooLong() {
        guard state == .open else { return }
        send(Reply(id: nil, answer: .failed(.lineTooLong(limit: limits.maxRequestBytes))))
        close(.lineTooLong)
    }

    /// The work of a call is over; `answer` goes out unless the caller has been told something else before.
    package mutating func answered(_ ticket: Ticket, _ answer: Answer) {
        guard state != .closed, let call = calls.removeValue(forKey: ticket) else { return }
        if call.isSlow { slowCalls -= 1 }
        deadlines.remove(ticket)
        if !call.isAnswered { reply(to: call, answer) }
    }

    /// The call takes a while. Past `timeoutMs` its caller is told so, and the work goes on.
    package mutating func started(_ ticket: Ticket, timeoutMs: Int64?, now: Int64) {
        guard state != .closed, var call = calls[ticket], !call.isSlow else { return }
        call.isSlow = true
        slowCalls += 1
        if let timeoutMs {
            call.deadline = (now + timeoutMs, timeoutMs)
            deadlines.calls[ticket] = now + timeoutMs
        }
        calls[ticket] = call
    }

    /// Answers a call with `cancelled`. False where it is over, unknown, or the cancelling call itself.
    package mutating func cancel(_ id: RequestID, by canceller: Ticket) -> Bool {
        guard state != .closed, let ticket = tickets[id], ticket != canceller, let call = calls[ticket],
            !call.isAnswered
        else { return false }
        if let index = waiting.firstIndex(where: { $0.ticket == ticket }) {
            waiting.remove(at: index)
            calls[ticket] = nil
            reply(to: call, .failed(.cancelled))
        } else {
            abandon(ticket, .cancelled)
        }
        return true
    }

    /// The client sends no more. What was started is finished, answered and flushed first.
    package mutating func inputEnded() {
        guard state == .open else { return }
        state = .inputEnded
        deadlines.partialLineSince = nil
    }

    /// The server stops: as `inputEnded`, and subscriptions are over.
    package mutating func stop() {
        guard state != .closed else { return }
        for (ticket, _) in waiting { answered(ticket, .failed(.shuttingDown)) }
        waiting = []
        subscriptions = 0
        isStopping = true
        inputEnded()
    }

    /// The peer is gone: nothing more can be sent. Changes that have started go on without the connection.
    package mutating func peerGone() { close(nil) }

    /// Acts on deadlines that have passed.
    package mutating func timePassed(now: Int64) {
        guard state != .closed else { return }
        for (ticket, at) in deadlines.calls where at <= now {
            guard let timeoutMs = calls[ticket]?.deadline?.timeoutMs else { continue }
            abandon(ticket, .deadlineExceeded(timeoutMs: timeoutMs))
        }
        if deadlines.isPartialLineOver(now: now, limits) { close(.partialLine) }
        if deadlines.isOutputStuck(now: now, limits) { close(.stuckOutput) }
    }

    // MARK: Effects

    /// The next effect; nil when there is nothing to do until the next event.
    package mutating func next() -> Effect? {
        if nextEffect < effects.count {
            defer {
                nextEffect += 1
                if nextEffect == effects.count {
                    effects.removeAll(keepingCapacity: true)
                    nextEffect = 0
                }
            }
            return effects[nextEffect]
        }
        guard state != .closed else { return nil }
        if !waiting.isEmpty, slowCalls < limits.maxInFlight {
            let (ticket, request) = waiting.removeFirst()
            return .perform(ticket, request)
        }
        if state == .inputEnded, calls.isEmpty, subscriptions == 0 {
            state = .closed
            return .close(isStopping ? .stopped : .finished)
        }
        return nil
    }

    mutating func send(_ reply: Reply) { effects.append(.send(reply)) }

    mutating func sendBatch(_ replies: [Reply]) { effects.append(.sendBatch(replies)) }

    mutating func makeTicket() -> Ticket {
        lastNumber += 1
        return Ticket(number: lastNumber)
    }

    private mutating func abandon(_ ticket: Ticket, _ error: RPCError) {
        guard var call = calls[ticket], !call.isAnswered else { return }
        call.isAnswered = true
        calls[ticket] = call
        deadlines.remove(ticket)
        reply(to: call, .failed(error))
        effects.append(.abandon(ticket))
    }

    /// Answers that are already due still go out, before `close`.
    private mutating func close(_ reason: CloseReason?) {
        guard state != .closed else { return }
        state = .closed
        waiting = []
        calls = [:]
        tickets = [:]
        batches = [:]
        deadlines = ConnectionDeadlines()
        if let reason {
            effects.append(.close(reason))
        } else {
            effects = []
            nextEffect = 0
        }
    }
}
