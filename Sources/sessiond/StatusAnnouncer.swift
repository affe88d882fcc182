import Logging
import Synchronization
import Systemd

/// Keeps the service manager's status line true, without telling it the same thing twice.
final class StatusAnnouncer: Sendable {
    private let manager: any ServiceManager
    private let logger: Logger
    private let summary: @Sendable () -> String
    private let changes: AsyncStream<Void>.Continuation
    private let lastTold = Mutex("")
    /// Between two lines. The newest state is told all the same, at the end of it.
    private static let pause = Duration.milliseconds(200)

    init(manager: any ServiceManager, logger: Logger, summary: @escaping @Sendable () -> String) {
        self.manager = manager
        self.logger = logger
        self.summary = summary
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        changes = continuation
        Task { [weak self] in
            for await _ in stream {
                self?.tellIfNew()
                // A thousand profiles that are confirmed one after another are not a thousand lines.
                try? await Task.sleep(for: Self.pause, clock: .continuous)
            }
        }
    }

    /// Ready, now or again after a reload.
    func begin() {
        let text = summary()
        lastTold.withLock { $0 = text }
        tell(manager, [.ready, .status(text)], logger)
    }

    /// Any thread may call this; it does not wait.
    func somethingChanged() { changes.yield() }

    /// Nothing more is told.
    func end() { changes.finish() }

    private func tellIfNew() {
        // Before READY there is nothing to keep true.
        guard !lastTold.withLock(\.isEmpty) else { return }
        let text = summary()
        let isNew = lastTold.withLock { last in
            defer { last = text }
            return last != text
        }
        if isNew { tell(manager, [.status(text)], logger) }
    }
}
