import Synchronization

/// What a keeper leaves behind for whoever judges whether it lives: read without waiting for it. Times are milliseconds
/// on the boot clock.
package struct KeeperVitals: Sendable, Hashable {
    /// When the next heartbeat is due; nil while there is no session to check.
    package var heartbeatDueAt: Int64?
    /// When a heartbeat last began, or a call to the provider last came to its end: answered, failed or given up.
    package var progressAt: Int64?
    /// When a heartbeat last came to its end, well or not.
    package var checkedAt: Int64?
    /// When the store was last opened, or tried to.
    package var openedAt: Int64?

    package init(
        heartbeatDueAt: Int64? = nil, progressAt: Int64? = nil, checkedAt: Int64? = nil, openedAt: Int64? = nil
    ) {
        self.heartbeatDueAt = heartbeatDueAt
        self.progressAt = progressAt
        self.checkedAt = checkedAt
        self.openedAt = openedAt
    }
}

/// Where a keeper puts its vitals.
final class VitalsBoard: Sendable {
    private let state = Mutex(KeeperVitals())

    var current: KeeperVitals { state.withLock { $0 } }

    func update(_ change: (inout KeeperVitals) -> Void) { state.withLock { change(&$0) } }
}

extension SessionKeeper {
    package nonisolated var vitals: KeeperVitals { vitalsBoard.current }

    /// Comes back when the keeper's executor has got round to it.
    package func stamp() {}

    /// Runs a call to the provider for no longer than the profile allows.
    func withinLimit<Answer: Sendable>(
        late: Answer, _ call: @escaping @Sendable () async -> Answer
    ) async -> Answer {
        let answer = await bounded(byMs: callTimeoutMs, on: clock, late: late, call)
        let now = clock.now().boot
        vitalsBoard.update { $0.progressAt = now }
        return answer
    }
}
