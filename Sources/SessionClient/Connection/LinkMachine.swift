import SessionProtocol

/// What one client's connection is at, as a value: calls by id, subscriptions, and when to connect again.
///
/// Nothing here reads a clock or a socket: times are milliseconds of the boot clock and come as arguments, and every
/// event answers with the effects to carry out. `Caller` is whoever waits for an answer and `Board` is where states
/// of a watch are put up; both are the driver's, and tests use strings.
struct LinkMachine<Caller, Board> {
    /// What the I/O thread has to do.
    enum Connection: Hashable {
        /// Nobody needs a connection.
        case none
        /// A connection is to be made now.
        case connecting
        case open
        /// The last attempt failed; watches want another at that time.
        case waiting(until: Int64)
        /// For good.
        case closed
    }

    /// What must happen after an event, outside of any lock but the sending, which goes on until the socket is full.
    struct Effects {
        /// Every caller appears here exactly once in its life.
        var completions: [(caller: Caller, outcome: Result<JSONValue, SessionError>)] = []
        var publications: [(board: Board, snapshot: Snapshot, order: UInt64)] = []
        /// Watches that end: nil where the client was closed.
        var endings: [(board: Board, error: SessionError?)] = []
        /// The I/O thread waits for something else than before.
        var isWakeNeeded = false
        /// The socket is of no more use.
        var isBroken = false
    }

    var connection = Connection.none
    var calls: [Int64: Call] = [:]
    /// Lines that the socket has not wholly taken, in order.
    var outbox: [ClientLine] = []
    /// Calls that would be the 32nd slow one, in order.
    var held: [ClientLine] = []
    var slowInFlight = 0
    var watches: [WatchKey: Watch] = [:]
    /// What came of subscriptions whose ids no answer has told yet.
    var early: [String: EarlyNews] = [:]
    var backoff: Backoff
    private var lastID: Int64 = 0
    private var lastOrder: UInt64 = 0

    init(backoff: Backoff) { self.backoff = backoff }

    mutating func nextID() -> Int64 {
        lastID += 1
        return lastID
    }

    mutating func nextOrder() -> UInt64 {
        lastOrder += 1
        return lastOrder
    }

    /// When something is to be done without an event; nil where nothing is.
    var deadline: Int64? {
        switch connection {
        case .waiting(let until): return until
        case .open:
            return watches.values.compactMap { watch in
                guard case .refused(let until) = watch.stage else { return nil }
                return until
            }.min()
        case .none, .connecting, .closed: return nil
        }
    }

    /// The deadline has passed.
    mutating func elapse(now: Int64) -> Effects {
        if case .waiting(let until) = connection, now >= until { connection = .connecting }
        if connection == .open { subscribeWhereDue(now: now) }
        return Effects()
    }

    /// Makes sure that a connection is made now, or is there.
    mutating func needConnection(_ effects: inout Effects) {
        switch connection {
        case .none, .waiting:
            connection = .connecting
            effects.isWakeNeeded = true
        case .connecting, .open, .closed: break
        }
    }
}

// The life of the connection.
extension LinkMachine {
    /// The I/O thread has a connection to a server that it believes.
    mutating func connected(now: Int64) -> Effects {
        var effects = Effects()
        guard connection == .connecting else { return effects }
        connection = .open
        for (id, call) in calls {
            guard case .connection(let caller) = call.purpose else { continue }
            calls[id] = nil
            effects.completions.append((caller, .success(.null)))
        }
        subscribeWhereDue(now: now)
        return effects
    }

    /// There was no connection to be had. Who waits for one is told; watches go on trying.
    mutating func connectFailed(_ error: SessionError, now: Int64) -> Effects {
        var effects = Effects()
        guard connection == .connecting else { return effects }
        failCalls(error, keepingUnsentReads: false, &effects)
        rest(now: now)
        return effects
    }

    /// The connection is gone. A call that may have reached the server fails, since a change may have happened; a read
    /// of which no byte was written goes over the next connection.
    mutating func disconnected(_ error: SessionError, now: Int64) -> Effects {
        var effects = Effects()
        guard connection == .open else { return effects }
        effects.isBroken = true
        early = [:]
        watches = watches.filter { $0.value.observers > 0 }
        for key in watches.keys { watches[key]?.stage = .idle }
        failCalls(error, keepingUnsentReads: true, &effects)
        if outbox.isEmpty { rest(now: now) } else { connection = .connecting }
        return effects
    }

    /// The client is done. Everybody who waits is told.
    mutating func close() -> Effects {
        var effects = Effects()
        guard connection != .closed else { return effects }
        connection = .closed
        effects.isWakeNeeded = true
        effects.isBroken = true
        failCalls(.closed, keepingUnsentReads: false, &effects)
        for watch in watches.values { effects.endings.append((watch.board, nil)) }
        watches = [:]
        early = [:]
        return effects
    }

    private mutating func rest(now: Int64) {
        connection = watches.isEmpty ? .none : .waiting(until: now + backoff.next())
    }
}

// What goes out.
extension LinkMachine {
    /// The socket has taken that many bytes of the first line.
    mutating func sent(_ count: Int) {
        outbox[0].sent += count
        if let id = outbox[0].id { calls[id]?.isUntouched = false }
        if outbox[0].sent == outbox[0].bytes.count { outbox.removeFirst() }
    }
}
