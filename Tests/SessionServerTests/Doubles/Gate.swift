import Synchronization

/// A door that is shut until it is opened, and that tells how many have come to it.
final class Gate: Sendable {
    fileprivate struct State {
        var isOpen = false
        var arrivals = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
        var observers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    /// Returns once the gate is open.
    func pass() async {
        await withCheckedContinuation { continuation in
            let due = state.withLock { state in
                state.arrivals += 1
                var due = state.takeObservers()
                if state.isOpen { due.append(continuation) } else { state.waiting.append(continuation) }
                return due
            }
            for continuation in due { continuation.resume() }
        }
    }

    func open() {
        let due = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in due { continuation.resume() }
    }

    /// Returns once so many have come.
    func reached(by count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                guard state.arrivals < count else { return true }
                state.observers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    var arrivals: Int { state.withLock { $0.arrivals } }
}

extension Gate.State {
    fileprivate mutating func takeObservers() -> [CheckedContinuation<Void, Never>] {
        let due = observers.filter { $0.count <= arrivals }.map(\.continuation)
        observers.removeAll { $0.count <= arrivals }
        return due
    }
}
