import Synchronization

/// Session ids on their way to one consumer.
///
/// What arrives while the consumer is busy is one set that grows, so that nothing is lost and no id is held twice.
final class HintMailbox: Sendable {
    private struct State {
        var pending: Set<String> = []
        var waiter: CheckedContinuation<Set<String>?, Never>?
        var isClosed = false
    }

    private let state = Mutex(State())

    func put(_ ids: Set<String>) {
        let delivery = state.withLock { state -> (CheckedContinuation<Set<String>?, Never>, Set<String>)? in
            guard !state.isClosed else { return nil }
            state.pending.formUnion(ids)
            guard let waiter = state.waiter else { return nil }
            defer {
                state.waiter = nil
                state.pending = []
            }
            return (waiter, state.pending)
        }
        if let (waiter, ids) = delivery { waiter.resume(returning: ids) }
    }

    /// Everything that has arrived since the last call, as soon as there is any. nil, for good, once cancelled.
    /// For one consumer: a second that waits at the same time takes the first one's place, which ends.
    func next() async -> Set<String>? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (answered, answer) = state.withLock {
                    state -> (CheckedContinuation<Set<String>?, Never>?, Set<String>?) in
                    if state.isClosed { return (continuation, nil) }
                    guard state.pending.isEmpty else {
                        defer { state.pending = [] }
                        return (continuation, state.pending)
                    }
                    defer { state.waiter = continuation }
                    return (state.waiter, nil)
                }
                answered?.resume(returning: answer)
            }
        } onCancel: {
            close()
        }
    }

    private func close() {
        let waiter = state.withLock { state in
            state.isClosed = true
            state.pending = []
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: nil)
    }
}
