import DaemonProcess
import Logging
import SessionCore
import Synchronization
import Systemd

/// Tells the service manager that the daemon lives, where it does, and the log where it does not.
final class WatchdogReport: Sendable {
    private let manager: any ServiceManager
    private let logger: Logger
    private let stuck = Mutex<Set<Liveness.Leg>>([])

    init(manager: any ServiceManager, logger: Logger) {
        self.manager = manager
        self.logger = logger
    }

    /// On the watchdog's thread, once a round.
    func conclude(_ verdict: Liveness.Verdict) {
        if verdict.isAlive {
            tell(manager, [.watchdog], logger)
        } else if verdict.isBroken {
            tell(manager, [.watchdogTrigger], logger)
        }
        let now = Set(verdict.findings.filter(\.isStuck).map(\.leg))
        let before = stuck.withLock { stuck in
            defer { stuck = now }
            return stuck
        }
        for finding in verdict.findings where finding.isStuck && !before.contains(finding.leg) {
            logger.event(
                .watchdogWithheld,
                "a part of the daemon does not move; the service manager is not told that it lives",
                metadata: ["check": "\(finding.leg.rawValue)", "why": "\(finding.detail)"])
        }
        for leg in Liveness.Leg.allCases where before.contains(leg) && !now.contains(leg) {
            logger.notice("it moves again", metadata: ["check": "\(leg.rawValue)"])
        }
    }
}
