package import SessionCore

/// Whether the daemon's parts still move: stamps go in, a verdict comes out.
///
/// Pure: every time is an argument, in milliseconds on the boot clock. What fails moves; only what hangs is stuck.
package struct Liveness: Sendable {
    /// A question that is put again and again, one at a time.
    struct Question: Sendable {
        /// When it was put, nil once it is answered.
        var askedAt: Int64?
        var answeredAt: Int64?

        mutating func ask(at now: Int64) { askedAt = askedAt ?? now }

        mutating func answer(at now: Int64) {
            askedAt = nil
            answeredAt = now
        }
    }

    /// One keeper as it was last seen.
    struct Kept: Sendable {
        var stamp = Question()
        var sight: KeeperSight
        /// When its executor was last seen to have ended a piece of work.
        var progressAt: Int64
    }

    /// For how long a part may go without any progress.
    package let patienceMs: Int64
    /// How long after its time a heartbeat may begin, and each of its calls take beyond its limit.
    package let heartbeatSlackMs: Int64
    let startedAt: Int64
    var socket = Question()
    var path = SocketPathState.usable
    var keepers: [ObjectIdentifier: Kept] = [:]
    /// The keepers that have been asked and have not answered.
    private var waiting: Set<ObjectIdentifier> = []
    var store = StoreActivity()
    /// How long the machine has slept in all, and when it last woke: until then nothing could move.
    var sleptMs: Int64 = 0
    var wokeAt: Int64 = .min

    package init(patienceMs: Int64, heartbeatSlackMs: Int64 = 30_000, at now: Int64) {
        self.patienceMs = patienceMs
        self.heartbeatSlackMs = heartbeatSlackMs
        startedAt = now
    }
}

/// What can be seen of a keeper without waiting for it.
package struct KeeperSight: Sendable {
    package var vitals: KeeperVitals
    package var callTimeoutMs: Int64
    package var executorProgress: UInt64
    package var isStoreFailing: Bool

    package init(vitals: KeeperVitals, callTimeoutMs: Int64, executorProgress: UInt64, isStoreFailing: Bool) {
        self.vitals = vitals
        self.callTimeoutMs = callTimeoutMs
        self.executorProgress = executorProgress
        self.isStoreFailing = isStoreFailing
    }
}

/// Whether the socket's path leads to the daemon.
package enum SocketPathState: Sendable, Hashable {
    case usable
    /// This process may not take it, for the reason given; the event loop was asked directly.
    case closed(String)
    /// Nobody listens there any more: clients are refused, and only a new start makes the socket anew.
    case dead
}

// MARK: - Stamps

extension Liveness {
    package mutating func socketAsked(at now: Int64) { socket.ask(at: now) }

    package mutating func socketAnswered(_ path: SocketPathState, at now: Int64) {
        self.path = path
        socket.answer(at: now)
    }

    package mutating func keeperAsked(_ keeper: ObjectIdentifier, at now: Int64) {
        guard keepers[keeper] != nil else { return }
        keepers[keeper]?.stamp.ask(at: now)
        waiting.insert(keeper)
    }

    package mutating func keeperAnswered(_ keeper: ObjectIdentifier, at now: Int64) {
        keepers[keeper]?.stamp.answer(at: now)
        waiting.remove(keeper)
    }

    package func isWaiting(for keeper: ObjectIdentifier) -> Bool { waiting.contains(keeper) }

    /// Whether any part has yet to answer.
    package var isWaiting: Bool { !waiting.isEmpty || socket.askedAt != nil }

    /// What there is to see now. Keepers that are not among these have gone.
    package mutating func see(
        _ sights: [ObjectIdentifier: KeeperSight], store: StoreActivity, sleptMs: Int64, at now: Int64
    ) {
        self.store = store
        if sleptMs > self.sleptMs {
            self.sleptMs = sleptMs
            wokeAt = now
        }
        keepers = keepers.filter { sights[$0.key] != nil }
        waiting = waiting.filter { sights[$0] != nil }
        for (id, sight) in sights {
            guard let before = keepers[id] else {
                keepers[id] = Kept(sight: sight, progressAt: now)
                continue
            }
            keepers[id]?.sight = sight
            if sight.executorProgress != before.sight.executorProgress { keepers[id]?.progressAt = now }
        }
    }
}
