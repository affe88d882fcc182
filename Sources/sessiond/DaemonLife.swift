import DaemonProcess
import Glibc
import Logging
import SessionCore
import Systemd

/// The process from its first signal to its last, before the daemon has started too: opening stored state may take a slow
/// disk minutes, and a stop does not wait for that.
actor DaemonLife {
    private let manager: any ServiceManager
    private let logger: Logger
    private let finish: @Sendable () -> Void
    private var daemon: Daemon?
    /// A reload was asked for while the configuration may have been read already.
    private var mustReload = false

    /// - Parameter finish: called at an end before the start is over.
    init(manager: any ServiceManager, logger: Logger, finish: @escaping @Sendable () -> Void) {
        self.manager = manager
        self.logger = logger
        self.finish = finish
    }

    /// Acts on signals from now on. The task ends with the daemon.
    nonisolated func obey(_ signals: AsyncStream<ProcessSignal>) -> Task<Void, Never> {
        Task {
            for await signal in signals {
                if await self.obey(signal) { return }
            }
        }
    }

    /// The daemon has started: signals are its own from here on, and then it may be told to all that it is ready.
    func begin(_ daemon: Daemon) async throws {
        self.daemon = daemon
        try await daemon.announceReady()
        if mustReload { _ = await daemon.obey(.hangUp) }
    }

    private func obey(_ signal: ProcessSignal) async -> Bool {
        if let daemon { return await daemon.obey(signal) }
        if signal == .hangUp {
            mustReload = true
            return false
        }
        logger.event(.stopping, "stopping before the start is over")
        tell(manager, [.stopping, .status("stopping before the start is over")], logger)
        finish()
        // Whatever hangs would hold up an orderly end. Nothing is half done: what was acknowledged is on disk.
        _exit(0)
    }
}
