package import SessionCore
package import SessionProtocol

/// What the server tells about the daemon around it.
package struct ServerEnvironment: Sendable {
    package var version: String
    /// The UUID of this daemon process, as in every snapshot.
    package var instance: String
    /// Unix milliseconds.
    package var startedAt: Int64
    package var clock: any KeeperClock
    /// Called on the event loop for `server.health`: must not block.
    package var health: @Sendable () -> HealthReport
    /// The `store` member of `server.status`: an object without paths or secrets. Must not block either.
    package var store: @Sendable () -> JSONValue

    package init(
        version: String, instance: String, startedAt: Int64, clock: any KeeperClock,
        health: @escaping @Sendable () -> HealthReport, store: @escaping @Sendable () -> JSONValue
    ) {
        self.version = version
        self.instance = instance
        self.startedAt = startedAt
        self.clock = clock
        self.health = health
        self.store = store
    }
}

/// Whether the daemon works, as `server.health` tells it.
package struct HealthReport: Sendable, Hashable {
    package enum Status: String, Sendable { case ok, degraded, failing }

    package struct Check: Sendable, Hashable {
        package var name: String
        package var isOK: Bool
        package var detail: String
        /// How old this finding is.
        package var ageMs: Int64

        package init(name: String, isOK: Bool, detail: String, ageMs: Int64) {
            self.name = name
            self.isOK = isOK
            self.detail = detail
            self.ageMs = ageMs
        }
    }

    package var isLive: Bool
    package var isReady: Bool
    package var status: Status
    package var checks: [Check]

    package init(isLive: Bool, isReady: Bool, status: Status, checks: [Check]) {
        self.isLive = isLive
        self.isReady = isReady
        self.status = status
        self.checks = checks
    }

    var json: JSONValue {
        [
            "live": .bool(isLive), "ready": .bool(isReady), "status": .string(status.rawValue),
            "checks": .array(
                checks.map {
                    [
                        "name": .string($0.name), "ok": .bool($0.isOK), "detail": .string($0.detail),
                        "ageMs": .integer($0.ageMs),
                    ]
                }),
        ]
    }
}
