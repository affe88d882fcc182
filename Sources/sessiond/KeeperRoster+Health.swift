import SessionCore
import SessionProtocol
import SessionServer

// What is told about all profiles together. Reads published state only: nothing here waits for a keeper.

extension KeeperRoster {
    /// How long after its time a heartbeat may begin, or go on beyond its two calls, before something must be wrong
    /// with its keeper.
    private static let heartbeatSlackMs: Int64 = 5000

    func health(at now: Moment) -> HealthReport {
        let keepers = all
        let snapshots = keepers.map(\.publication.snapshot)
        let failing = keepers.count { $0.isStoreFailing }
        let sealed = snapshots.count { $0.phase == .sealed }
        let overdue = keepers.count { keeper in
            let heartbeat = keeper.publication.snapshot.heartbeat
            guard let next = heartbeat.nextAttemptAt else { return false }
            let due = max(next, heartbeat.lastAttemptAt ?? 0)
            return due + 2 * keeper.callTimeoutMs + Self.heartbeatSlackMs < now.wall
        }
        let unconfirmed = snapshots.count {
            $0.phase == .stale || ($0.phase == .unverified && $0.heartbeat.failures > 0)
        }
        func check(_ name: String, _ bad: Int, _ detail: String) -> HealthReport.Check {
            HealthReport.Check(name: name, isOK: bad == 0, detail: bad == 0 ? "ok" : detail, ageMs: 0)
        }
        // A profile that is sealed waits for its key, and its store counts as failing until then.
        let trouble = failing > sealed ? "stored; check the disk" : "opened; see the check keys"
        let checks = [
            check("store", failing, "\(failing) of \(keepers.count) profiles cannot be \(trouble)"),
            check("keys", sealed, "\(sealed) profiles are sealed; put the master key back, or see the log"),
            check("heartbeats", overdue, "\(overdue) heartbeats are overdue"),
            check("upstream", unconfirmed, "\(unconfirmed) sessions cannot be confirmed at present"),
        ]
        let status: HealthReport.Status =
            overdue > 0 ? .failing : checks.allSatisfy(\.isOK) ? .ok : .degraded
        return HealthReport(isLive: overdue == 0, isReady: true, status: status, checks: checks)
    }

    /// The `store` member of `server.status`.
    var storeStatus: JSONValue {
        let keepers = all
        return [
            "failing": .integer(Int64(keepers.count { $0.isStoreFailing })),
            "sealed": .integer(Int64(keepers.count { $0.publication.snapshot.phase == .sealed })),
        ]
    }

    /// One line for the service manager, readable by every user: phases and counts, no names.
    func summary(at now: Moment) -> String {
        let snapshots = all.map(\.publication.snapshot)
        let counts = Dictionary(grouping: snapshots, by: \.phase).mapValues(\.count)
        let words: [(Phase, String)] = [
            (.active, "active"), (.stale, "stale"), (.unverified, "unverified"), (.locked, "locked"),
            (.challenged, "challenged"), (.signedOut, "signed out"), (.sealed, "sealed"), (.loading, "loading"),
        ]
        let phases = words.compactMap { phase, word in counts[phase].map { "\($0) \(word)" } }
        let profiles = snapshots.count == 1 ? "1 profile" : "\(snapshots.count) profiles"
        return "\(profiles): \(phases.joined(separator: ", "))"
    }
}
