import SessionProtocol

/// The times at which something of a connection is over.
struct ConnectionDeadlines {
    var calls: [Ticket: Int64] = [:]
    /// Since when the peer owes the rest of a line.
    var partialLineSince: Int64?
    /// Since when no byte of the pending output has been taken.
    private var stuckSince: Int64?
    private var written: UInt64 = 0
    private var sampledAt: Int64 = 0

    mutating func remove(_ ticket: Ticket) {
        if !calls.isEmpty { calls[ticket] = nil }
    }

    mutating func outputSampled(pending: Int, written: UInt64, now: Int64) {
        sampledAt = now
        defer { self.written = written }
        guard pending > 0 else { return stuckSince = nil }
        if stuckSince == nil || written != self.written { stuckSince = now }
    }

    func isPartialLineOver(now: Int64, _ limits: Limits) -> Bool {
        partialLineSince.map { now >= $0 + limits.partialLineTimeoutMs } ?? false
    }

    func isOutputStuck(now: Int64, _ limits: Limits) -> Bool {
        stuckSince.map { now >= $0 + limits.stuckOutputTimeoutMs } ?? false
    }

    /// When to look again. Pending output is sampled four times in its timeout, as nobody tells that the peer reads.
    func next(_ limits: Limits) -> Int64? {
        var next = calls.values.min() ?? .max
        if let partialLineSince { next = min(next, partialLineSince + limits.partialLineTimeoutMs) }
        if let stuckSince {
            let sample = sampledAt + max(limits.stuckOutputTimeoutMs / 4, 1)
            next = min(next, sample, stuckSince + limits.stuckOutputTimeoutMs)
        }
        return next == .max ? nil : next
    }
}

extension ConnectionMachine {
    /// Tells whether the peer owes the rest of a line; `isNew` where that line began with this read.
    package mutating func partialLine(_ isPartial: Bool, isNew: Bool, now: Int64) {
        guard isPartial, acceptsLines else { return deadlines.partialLineSince = nil }
        if isNew || deadlines.partialLineSince == nil { deadlines.partialLineSince = now }
    }

    /// Tells how many bytes wait to be written, and how many ever were.
    package mutating func outputSampled(pending: Int, written: UInt64, now: Int64) {
        guard !isClosed else { return }
        deadlines.outputSampled(pending: pending, written: written, now: now)
    }

    /// When `timePassed` is due next.
    package var nextDeadline: Int64? {
        // Inlined, as the caller would copy the machine for a call.
        @inline(__always) get { isClosed ? nil : deadlines.next(limits) }
    }
}
