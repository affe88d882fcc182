import Dispatch
import Logging
import Synchronization
import Systemd

/// Keeps the service manager's status line true, without telling it the same thing twice.
///
/// On a queue of its own, which orders what is told and needs no thread of Swift's pool: a pool that hangs is what the
/// line must tell of.
final class StatusAnnouncer: Sendable {
    private struct State {
        /// nil before READY: there is nothing to keep true.
        var told: String?
        /// Something has been told a moment ago, or is about to be.
        var isPausing = false
        /// Something has changed since.
        var isDue = false
        var isEnded = false
    }

    private let manager: any ServiceManager
    private let logger: Logger
    private let summary: @Sendable () -> String
    private let queue = DispatchQueue(label: "sessiond.status")
    private let state = Mutex(State())
    /// A thousand profiles that are confirmed one after another are not a thousand lines.
    private static let pause = DispatchTimeInterval.seconds(1)

    init(manager: any ServiceManager, logger: Logger, summary: @escaping @Sendable () -> String) {
        self.manager = manager
        self.logger = logger
        self.summary = summary
    }

    /// Ready, now or again after a reload.
    func begin() {
        queue.sync {
            let text = summary()
            state.withLock { $0.told = text }
            tell(manager, [.ready, .status(text)], logger)
        }
    }

    /// Any thread may call this; it does not wait.
    func somethingChanged() {
        let isFirst = state.withLock { state in
            guard state.told != nil, !state.isEnded else { return false }
            state.isDue = true
            defer { state.isPausing = true }
            return !state.isPausing
        }
        if isFirst { queue.async { self.tellWhatIsDue() } }
    }

    /// Nothing more is told.
    func end() { queue.sync { state.withLock { $0.isEnded = true } } }

    private func tellWhatIsDue() {
        let isDue = state.withLock { state in
            defer { state.isDue = false }
            state.isPausing = state.isDue && !state.isEnded
            return state.isPausing
        }
        guard isDue else { return }
        let text = summary()
        let isNew = state.withLock { state in
            defer { state.told = text }
            return state.told != text
        }
        if isNew { tell(manager, [.status(text)], logger) }
        // The newest state is told all the same, at the end of the pause.
        queue.asyncAfter(deadline: .now() + Self.pause) { self.tellWhatIsDue() }
    }
}
