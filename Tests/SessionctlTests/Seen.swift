import Synchronization

/// Counts down, and acts once at zero.
final class Seen: Sendable {
    private let rest: Mutex<Int>
    private let action: @Sendable () -> Void

    init(count: Int, action: @escaping @Sendable () -> Void) {
        rest = Mutex(count)
        self.action = action
    }

    func one() {
        let isLast = rest.withLock { rest in
            rest -= 1
            return rest == 0
        }
        if isLast { action() }
    }
}
