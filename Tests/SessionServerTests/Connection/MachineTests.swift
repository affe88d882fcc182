import SessionProtocol
import SessionServer
import Testing

/// Drives a machine by hand: effects are kept, requests answered only when told.
struct MachineDriver {
    var machine: ConnectionMachine
    var performed: [(ticket: Ticket, request: Request)] = []
    var replies: [Reply] = []
    var batches: [[Reply]] = []
    var abandoned: [Ticket] = []
    var closed: ConnectionMachine.CloseReason?
    /// Methods that are answered at once.
    var inline: Set<String> = ["ping"]

    init(_ edit: (inout Limits) -> Void = { _ in }) {
        var limits = Limits()
        edit(&limits)
        machine = ConnectionMachine(limits: limits)
    }

    mutating func pull(now: Int64 = 0, timeoutMs: Int64? = nil) {
        while let effect = machine.next() {
            switch effect {
            case .perform(let ticket, let request):
                if inline.contains(request.method) {
                    machine.answered(ticket, .empty)
                } else {
                    performed.append((ticket, request))
                    machine.started(ticket, timeoutMs: timeoutMs, now: now)
                }
            case .send(let reply): replies.append(reply)
            case .sendBatch(let batch): batches.append(batch)
            case .abandon(let ticket): abandoned.append(ticket)
            case .close(let reason): closed = reason
            }
        }
    }

    mutating func receive(_ line: ParsedLine, timeoutMs: Int64? = nil) {
        machine.receive(line)
        pull(timeoutMs: timeoutMs)
    }

    mutating func finish(_ index: Int) {
        machine.answered(performed[index].ticket, .empty)
        pull()
    }

    static func request(_ id: Int64?, _ method: String = "slow") -> ParsedLine.Entry {
        .request(Request(id: id.map(RequestID.integer), method: method, params: [:]))
    }
}

extension Reply {
    var kind: String? { if case .failed(let error) = answer { error.kind } else { nil } }
}

@Suite("The connection machine")
struct MachineTests {
    typealias Driver = MachineDriver

    @Test("answers may overtake each other, each under its own id")
    func overtaking() {
        var driver = Driver()
        driver.receive(.single(Driver.request(1)))
        driver.receive(.single(Driver.request(2, "ping")))
        #expect(driver.replies.map(\.id) == [.integer(2)])
        driver.finish(0)
        #expect(driver.replies.map(\.id) == [.integer(2), .integer(1)])
    }

    @Test("an id in flight is refused without an id, and free again once answered")
    func duplicateID() {
        var driver = Driver()
        driver.receive(.single(Driver.request(1)))
        driver.receive(.single(Driver.request(1)))
        #expect(driver.performed.count == 1)
        #expect(driver.replies.map(\.id) == [nil])
        #expect(driver.replies.map(\.kind) == ["duplicateId"])
        driver.finish(0)
        driver.receive(.single(Driver.request(1)))
        #expect(driver.performed.count == 2)
    }

    @Test("a notification is carried out and never answered")
    func notifications() {
        var driver = Driver()
        driver.receive(.single(Driver.request(nil)))
        driver.finish(0)
        #expect(driver.performed.count == 1)
        #expect(driver.replies.isEmpty)
    }

    @Test("a batch is answered by one array when all are done; notifications have no part in it")
    func batch() {
        var driver = Driver()
        driver.receive(
            .batch([
                Driver.request(1), Driver.request(nil), .refused(.invalidRequest("no"), id: nil),
                Driver.request(2, "ping"),
            ]))
        #expect(driver.batches.isEmpty)
        driver.finish(1)
        #expect(driver.batches.isEmpty)
        driver.finish(0)
        #expect(driver.batches.map { $0.map(\.id) } == [[nil, .integer(2), .integer(1)]])
        #expect(driver.replies.isEmpty)
    }

    @Test("a batch of notifications has no answer")
    func silentBatch() {
        var driver = Driver()
        driver.receive(.batch([Driver.request(nil), Driver.request(nil, "ping")]))
        driver.finish(0)
        driver.machine.inputEnded()
        driver.pull()
        #expect(driver.batches.isEmpty && driver.replies.isEmpty)
        #expect(driver.closed == .finished)
    }

    @Test("an id of a batch is in flight until the array is out")
    func batchIDs() {
        var driver = Driver()
        driver.receive(.batch([Driver.request(1), Driver.request(2, "ping")]))
        driver.receive(.single(Driver.request(2, "ping")))
        #expect(driver.replies.map(\.kind) == ["duplicateId"])
        driver.finish(0)
        driver.receive(.single(Driver.request(2, "ping")))
        #expect(driver.replies.last?.id == .integer(2))
    }

    @Test("a watch in a batch refuses the batch before anything is done")
    func watchInBatch() {
        var driver = Driver()
        driver.receive(.batch([Driver.request(1), Driver.request(2, "session.watch")]))
        #expect(driver.performed.isEmpty)
        #expect(driver.replies.map(\.kind) == ["invalidRequest"])
        #expect(driver.replies.map(\.id) == [nil])
    }

    @Test("reading stops at exactly the limit of slow calls; calls answered at once never count")
    func inFlightLimit() {
        var driver = Driver { $0.maxInFlight = 3 }
        for id in 1...10 { driver.receive(.single(Driver.request(Int64(id), "ping"))) }
        #expect(driver.machine.acceptsLines)
        for id in 1...2 { driver.receive(.single(Driver.request(Int64(id)))) }
        #expect(driver.machine.acceptsLines)
        driver.receive(.single(Driver.request(3)))
        #expect(!driver.machine.acceptsLines)
        driver.finish(1)
        #expect(driver.machine.acceptsLines)
    }

    @Test("a batch starts no more slow calls than the limit, the rest as places become free")
    func batchLimit() {
        var driver = Driver { $0.maxInFlight = 2 }
        driver.receive(.batch((1...5).map { Driver.request($0) }))
        #expect(driver.performed.count == 2)
        for index in 0..<5 { driver.finish(index) }
        #expect(driver.batches.first?.count == 5)
    }

    @Test("a cancelled call gets exactly one answer, and its work keeps its place until it is over")
    func cancel() throws {
        var driver = Driver { $0.maxInFlight = 1 }
        driver.receive(.single(Driver.request(1)))
        let other = Ticket(number: 999)
        let outcomes = [
            driver.machine.cancel(.integer(1), by: other), driver.machine.cancel(.integer(1), by: other),
            driver.machine.cancel(.string("1"), by: other),
        ]
        #expect(outcomes == [true, false, false])
        driver.pull()
        #expect(driver.replies.map(\.kind) == ["cancelled"])
        #expect(driver.abandoned == [driver.performed[0].ticket])
        #expect(!driver.machine.acceptsLines)
        driver.finish(0)
        #expect(driver.replies.count == 1)
        #expect(driver.machine.acceptsLines)
    }

    @Test("a deadline answers the caller once; the work goes on")
    func deadline() {
        var driver = Driver()
        driver.receive(.single(Driver.request(1)), timeoutMs: 50)
        #expect(driver.machine.nextDeadline == 50)
        driver.machine.timePassed(now: 49)
        driver.pull()
        #expect(driver.replies.isEmpty)
        driver.machine.timePassed(now: 50)
        driver.pull()
        #expect(driver.replies.map(\.kind) == ["deadlineExceeded"])
        #expect(driver.machine.runningCalls == 1)
        driver.finish(0)
        #expect(driver.replies.count == 1)
        #expect(driver.machine.nextDeadline == nil)
    }

    @Test("bad lines in a row close the connection; a good one starts the row anew, a blank one does not count")
    func badLines() {
        var driver = Driver { $0.maxBadLines = 3 }
        let bad = ParsedLine.refused(.parseError(position: 0), isLexical: true)
        for line in [bad, bad, .single(Driver.request(1, "ping")), bad, .blank, bad] { driver.receive(line) }
        #expect(driver.closed == nil)
        driver.receive(.refused(.invalidRequest("empty"), isLexical: false))
        for _ in 0..<2 { driver.receive(bad) }
        #expect(driver.closed == nil)
        driver.receive(bad)
        #expect(driver.closed == .badLines)
        #expect(driver.replies.last?.kind == "parseError")
    }

    @Test("a line over the limit gets its error and ends the connection")
    func lineTooLong() {
        var driver = Driver()
        driver.receive(.single(Driver.request(1)))
        driver.machine.lineTooLong()
        driver.pull()
        #expect(driver.replies.map(\.kind) == ["lineTooLong"])
        #expect(driver.closed == .lineTooLong)
        driver.finish(0)
        #expect(driver.replies.count == 1)
    }

    @Test("half-close finishes what was started; a subscription keeps the connection")
    func halfClose() {
        var driver = Driver()
        driver.receive(.single(Driver.request(1)))
        driver.machine.subscriptions = 1
        driver.machine.inputEnded()
        driver.pull()
        driver.finish(0)
        #expect(driver.replies.count == 1)
        #expect(driver.closed == nil)
        driver.machine.subscriptions = 0
        driver.pull()
        #expect(driver.closed == .finished)
    }

    @Test("stopping answers what has not begun, finishes what has, and does not wait for subscriptions")
    func stop() {
        var driver = Driver { $0.maxInFlight = 1 }
        driver.receive(.batch([Driver.request(1), Driver.request(2)]))
        driver.machine.subscriptions = 2
        driver.machine.stop()
        driver.pull()
        #expect(driver.closed == nil)
        driver.finish(0)
        #expect(driver.batches.first?.map(\.kind) == ["shuttingDown", nil])
        #expect(driver.closed == .stopped)
    }

    @Test("a partial line is timed from its own beginning, and not while the server does not read")
    func partialLine() {
        var driver = Driver { $0.maxInFlight = 1 }
        driver.machine.partialLine(true, isNew: false, now: 0)
        driver.machine.partialLine(true, isNew: false, now: 20_000)
        #expect(driver.machine.nextDeadline == 30_000)
        driver.machine.partialLine(true, isNew: true, now: 29_000)
        driver.machine.timePassed(now: 30_000)
        driver.receive(.single(Driver.request(1)))
        driver.machine.partialLine(true, isNew: false, now: 31_000)
        driver.machine.timePassed(now: 90_000)
        driver.pull()
        #expect(driver.closed == nil)
        driver.finish(0)
        driver.machine.partialLine(true, isNew: false, now: 100_000)
        driver.machine.timePassed(now: 130_000)
        driver.pull()
        #expect(driver.closed == .partialLine)
    }

    @Test("output is stuck only when no byte of it moves")
    func stuckOutput() {
        var driver = Driver()
        driver.machine.outputSampled(pending: 100, written: 10, now: 0)
        driver.machine.outputSampled(pending: 100, written: 11, now: 29_000)
        driver.machine.timePassed(now: 30_000)
        driver.pull()
        #expect(driver.closed == nil)
        driver.machine.outputSampled(pending: 100, written: 11, now: 58_999)
        driver.machine.timePassed(now: 59_000)
        driver.pull()
        #expect(driver.closed == .stuckOutput)
    }
}
