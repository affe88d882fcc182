import Glibc
import Logging
import SessionCore
import SessionProtocol

/// One client: moves bytes between its socket and its machine, on the loop's thread.
///
/// Everything happens in turns: lines are taken while the machine and the output have room, effects are carried out,
/// and what was written goes out in one call. In a turn without news from elsewhere, that is one read and one write.
final class Connection {
    /// Output that may wait unsent before the server stops reading requests, and how little is left when it goes on.
    static let outputHighWaterMark = 256 * 1024
    static let outputLowWaterMark = 64 * 1024
    /// How long the server waits, after it has ended its side, for a client that is still sending.
    static let lingeringMs: Int64 = 1000

    /// More than a socket holds (net.core.wmem_default).
    private static let mostReadsAfterHangUp = 8

    enum Stage {
        case serving
        /// What is written goes out; input is thrown away.
        case flushing(lingers: Bool)
        /// All is out and our side ended; the peer may still be sending.
        case lingering
        case closed
    }

    let server: ServerLoop
    let peer: PeerCredentials
    /// The daemon itself: its trials of the socket count as nobody's.
    let isOwn: Bool
    let descriptor: CInt
    /// Tells this connection from others that have had its descriptor.
    let number: UInt32
    /// Counted against the limits.
    var isAdmitted = false
    var grants: Grants
    var machine: ConnectionMachine
    var book = SubscriptionBook()
    var waits: [Ticket: PhaseWait] = [:]
    /// Profiles that may have changed since their subscriptions were last looked at.
    var unseen: Set<String> = []
    /// Profiles whose state is current although time says otherwise: the keeper has just settled them.
    var settled: Set<String> = []
    var wasDenied = false
    var output = OutputBuffer()
    var repeated = RepeatedReads()
    /// The line that is being carried out, where it is one that may be repeated.
    var repeatable: RepeatedReads.Line?

    var stage = Stage.serving
    /// What has come and could not be taken yet.
    var input: [UInt8] = []
    var framer: LineFramer
    var bytesSent: UInt64 = 0
    var hasInputEnded = false
    var isHungUp = false
    /// The output was over its high-water mark, and is not yet under the low one.
    var isOverfull = false
    private var isTurning = false
    private var isFollowing = false
    var turnMoment: Moment?
    private var needsTurn = false
    private var interest: Poller.Interest = .input
    /// When the loop looks at this connection's deadlines next.
    private var alarmAt: Int64?
    /// When the connection is closed whatever the peer does.
    var endsAt: Int64?

    init(_ descriptor: CInt, number: UInt32, server: ServerLoop, peer: PeerCredentials) {
        self.descriptor = descriptor
        self.number = number
        self.server = server
        self.peer = peer
        isOwn = server.isOwn(peer)
        grants = server.policy.grants(to: peer)
        machine = ConnectionMachine(limits: server.limits)
        framer = LineFramer(maxBytes: server.limits.maxRequestBytes)
    }

    var subscriptionCount: Int { book.count }

    var isServing: Bool { if case .serving = stage { true } else { false } }

    /// The time by which this turn's reads are answered.
    var moment: Moment {
        if let turnMoment { return turnMoment }
        let now = server.clock.now()
        turnMoment = now
        return now
    }

    // MARK: What the kernel tells

    /// Begins. With `refusal`, only to say so.
    func begin(_ refusal: RPCError?) {
        if let refusal {
            output.writeReply(Reply(id: nil, answer: .failed(refusal)), limit: server.limits.maxReplyBytes)
            end(lingering: true)
        }
        turn()
    }

    func ready(_ readiness: Poller.Readiness) {
        if readiness.isHungUp, !isHungUp { hangUp() }
        if wantsInput, readiness.isReadable || isHungUp { receive() } else { turn() }
    }

    /// Nobody reads any more.
    private func hangUp() {
        isHungUp = true
        // It would be told without end.
        server.poller.remove(descriptor)
    }

    private func receive() {
        let room = server.readBuffer
        var count = read(descriptor, room.baseAddress, room.count)
        while count < 0, errno == EINTR { count = read(descriptor, room.baseAddress, room.count) }
        if count > 0 {
            take(UnsafeBufferPointer(rebasing: room.bindMemory(to: UInt8.self)[..<count]))
        } else if count == 0 || errno == EAGAIN && isHungUp {
            hasInputEnded = true
            turn()
        } else if errno == EAGAIN {
            turn()
        } else {
            // A peer that resets the connection is a peer that is gone: there is nobody to tell.
            close()
        }
    }

    /// What has been read: by a short turn if that will do.
    private func take(_ received: UnsafeBufferPointer<UInt8>) {
        let used = isAtRest ? shortTurn(received) : 0
        if used < received.count || output.count > 0 { turn(UnsafeBufferPointer(rebasing: received[used...])) }
    }

    private var wantsInput: Bool {
        guard !hasInputEnded else { return false }
        switch stage {
        case .serving: return machine.acceptsLines && !isOverfull && input.isEmpty
        case .flushing, .lingering: return true
        case .closed: return false
        }
    }

    // MARK: Turns

    /// Does all that can be done now, with what has been received. What it does may call back into here; then another
    /// round follows.
    func turn(_ received: UnsafeBufferPointer<UInt8>? = nil) {
        guard !isTurning else { return needsTurn = true }
        isTurning = true
        turnMoment = nil
        if output.count == 0 { swap(&output, &server.spareOutput) }
        if isServing { serve(received) }
        if !isServing { finish() }
        if output.count == 0 { giveBack(&output) }
        isTurning = false
        if case .closed = stage { return }
        wait(forInput: wantsInput, forOutput: output.count > 0)
        schedule()
        if isHungUp, !isFollowing { followHangUp() }
    }

    private func serve(_ received: UnsafeBufferPointer<UInt8>?) {
        var received = received
        repeat {
            needsTurn = false
            takeInput(received)
            received = nil
            let wasFull = !machine.acceptsLines
            carryOut()
            // What has ended makes room for lines that have come already: nothing else would wake us for them.
            if wasFull, machine.acceptsLines { needsTurn = true }
            if isServing, !unseen.isEmpty, !isOverfull { notify() }
            flush()
        } while needsTurn && isServing
    }

    /// Lends empty output to the next turn.
    func giveBack(_ empty: inout OutputBuffer) {
        if server.spareOutput.room < empty.room { swap(&empty, &server.spareOutput) }
        empty.removeAll()
    }

    private func takeInput(_ received: UnsafeBufferPointer<UInt8>?) {
        if input.isEmpty {
            let received = received ?? UnsafeBufferPointer(start: nil, count: 0)
            let used = takeLines(received)
            if used < received.count { input.append(contentsOf: received[used...]) }
        } else {
            var held: [UInt8] = []
            swap(&held, &input)
            if let received { held.append(contentsOf: received) }
            let used = held.withUnsafeBufferPointer { takeLines($0) }
            input = Array(held[used...])
        }
    }

    /// Hands the socket all that was written in this turn.
    private func flush() {
        if output.count > 0, !isHungUp {
            switch output.send(to: descriptor) {
            case .sent(let count): bytesSent += UInt64(count)
            case .blocked: break
            case .broken: hangUp()
            }
        }
        if isHungUp { output.removeAll() }
        if isOverfull, output.count < Self.outputLowWaterMark {
            isOverfull = false
            needsTurn = true
        }
        machine.outputSampled(pending: output.count, written: bytesSent, now: server.now)
    }

    /// There is more to write than one turn should hold: another round follows the flush.
    func isFull() { isOverfull = true }

    private func wait(forInput input: Bool, forOutput output: Bool) {
        var wanted: Poller.Interest = []
        if input { wanted.insert(.input) }
        if output { wanted.insert(.output) }
        guard wanted != interest, !isHungUp else { return }
        interest = wanted
        server.poller.change(descriptor, number: number, to: wanted)
    }

    /// What had been sent before the peer went is still carried out, to the last line: as there is room, now or when
    /// calls that run have ended. Mere waits are nobody's any more.
    private func followHangUp() {
        isFollowing = true
        defer { isFollowing = false }
        var reads = 0
        while isServing {
            if !waits.isEmpty {
                endWaits(.cancelled) { _ in true }
                turn()
            } else if wantsInput {
                // One that reads nothing and goes on sending is not followed for ever.
                reads += 1
                if reads > Self.mostReadsAfterHangUp { return close() }
                receive()
            } else {
                break
            }
        }
        if isServing, hasInputEnded, input.isEmpty { close() }
    }

    // MARK: Deadlines

    private func schedule() {
        let deadline = isServing ? machine.nextDeadline : nil
        guard let due = endsAt.map({ min($0, deadline ?? $0) }) ?? deadline else { return }
        if let alarmAt, alarmAt <= due { return }
        alarmAt = due
        server.wake(self, at: due)
    }

    func timePassed() {
        alarmAt = nil
        if let endsAt, endsAt <= server.now { return close() }
        if isServing {
            machine.outputSampled(pending: output.count, written: bytesSent, now: server.now)
            machine.timePassed(now: server.now)
        }
        turn()
    }
}
