import DaemonProcess
import SessionCore
import SessionProtocol
import SessionServer

// What is told about all profiles together. Reads published state only: nothing here waits for a keeper.

extension KeeperRoster {
    /// What the watchdog judges by, by the same names, and what only people should know.
    func health(_ verdict: Liveness.Verdict, at now: Moment) -> HealthReport {
        let keepers = all
        let snapshots = keepers.map(\.publication.snapshot)
        let judged = verdict.findings.map { finding in
            HealthReport.Check(
                name: finding.leg.rawValue, isOK: finding.isOK,
                detail: finding.leg == .store && finding.standing == .failing
                    ? storeDetail(keepers) : finding.detail,
                ageMs: finding.ageMs)
        }
        let checks = judged + [keys(keepers, at: now), upstream(keepers, at: now)]
        let status: HealthReport.Status =
            !verdict.isAlive ? .failing : checks.allSatisfy(\.isOK) ? .ok : .degraded
        return HealthReport(
            isLive: verdict.isAlive, isReady: !snapshots.contains { $0.phase == .loading }, status: status,
            checks: checks)
    }

    /// Of a store that fails: what is sealed for want of a key is no matter of the disk.
    private func storeDetail(_ keepers: [SessionKeeper]) -> String {
        let failing = keepers.filter(\.isStoreFailing)
        let isOfKeys = failing.allSatisfy { $0.publication.snapshot.phase == .sealed }
        return "\(failing.count) of \(keepers.count) profiles cannot be "
            + (isOfKeys ? "opened; see the check keys" : "stored; check the disk")
    }

    private func keys(_ keepers: [SessionKeeper], at now: Moment) -> HealthReport.Check {
        let sealed = keepers.filter { $0.publication.snapshot.phase == .sealed }
        // What is open was opened once; what is sealed is tried again.
        let tried = (sealed.isEmpty ? keepers : sealed).compactMap(\.vitals.openedAt)
        return HealthReport.Check(
            name: "keys", isOK: sealed.isEmpty,
            detail: sealed.isEmpty
                ? "ok" : "\(sealed.count) profiles are sealed; put the master key back, or see the log",
            ageMs: tried.map { now.boot - $0 }.max() ?? 0)
    }

    private func upstream(_ keepers: [SessionKeeper], at now: Moment) -> HealthReport.Check {
        let unconfirmed = keepers.filter { keeper in
            let snapshot = keeper.publication.snapshot
            return snapshot.phase == .stale || (snapshot.phase == .unverified && snapshot.heartbeat.failures > 0)
        }
        let kept = unconfirmed.isEmpty ? keepers.filter { $0.vitals.heartbeatDueAt != nil } : unconfirmed
        return HealthReport.Check(
            name: "upstream", isOK: unconfirmed.isEmpty,
            detail: unconfirmed.isEmpty ? "ok" : "\(unconfirmed.count) sessions cannot be confirmed at present",
            ageMs: kept.compactMap(\.vitals.checkedAt).map { now.boot - $0 }.max() ?? 0)
    }

    /// The `store` member of `server.status`.
    var storeStatus: JSONValue {
        let keepers = all
        return [
            "failing": .integer(Int64(keepers.count { $0.isStoreFailing })),
            "sealed": .integer(Int64(keepers.count { $0.publication.snapshot.phase == .sealed })),
        ]
    }

    /// One line for the service manager, readable by every user: what is stuck, phases, counts, an age; no names.
    func summary(_ verdict: Liveness.Verdict, at now: Moment) -> String {
        let keepers = all
        let counts = Dictionary(grouping: keepers, by: \.publication.snapshot.phase).mapValues(\.count)
        let words: [(Phase, String)] = [
            (.active, "active"), (.stale, "stale"), (.unverified, "unverified"), (.locked, "locked"),
            (.challenged, "challenged"), (.signedOut, "signed out"), (.sealed, "sealed"), (.loading, "loading"),
        ]
        let phases = words.compactMap { phase, word in counts[phase].map { "\($0) \(word)" } }
        let profiles = keepers.count == 1 ? "1 profile" : "\(keepers.count) profiles"
        let stuck = verdict.findings.filter(\.isStuck).map { "stuck: \($0.detail)" }
        let checked = keepers.compactMap(\.vitals.checkedAt).max().map { "last check \(Self.ago(now.boot - $0))" }
        return (stuck + ["\(profiles): \(phases.joined(separator: ", "))"] + (checked.map { [$0] } ?? []))
            .joined(separator: "; ")
    }

    /// Coarser with age, so that the line need not change all the time.
    private static func ago(_ milliseconds: Int64) -> String {
        switch milliseconds / 1000 {
        case ..<60: "\(max(milliseconds / 1000, 0)) s ago"
        case let seconds where seconds < 3600: "\(seconds / 60) min ago"
        case let seconds: "\(seconds / 3600) h ago"
        }
    }
}
