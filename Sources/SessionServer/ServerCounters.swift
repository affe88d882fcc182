import SessionProtocol

/// What has happened since the daemon started, as `server.status` tells it.
struct ServerCounters {
    var connections: Int64 = 0
    var connectionsRefused: Int64 = 0
    var requests: Int64 = 0
    var errors: Int64 = 0
    var denied: Int64 = 0
    var badLines: Int64 = 0
    var notifications: Int64 = 0
    var subscriptions: Int64 = 0
    var deadlinesExceeded: Int64 = 0
    var cancelled: Int64 = 0
    var incidents: Int64 = 0
    var closedStuck: Int64 = 0

    var json: JSONValue {
        [
            "connections": .integer(connections), "connectionsRefused": .integer(connectionsRefused),
            "requests": .integer(requests), "errors": .integer(errors), "denied": .integer(denied),
            "badLines": .integer(badLines), "notifications": .integer(notifications),
            "subscriptions": .integer(subscriptions), "deadlinesExceeded": .integer(deadlinesExceeded),
            "cancelled": .integer(cancelled), "incidents": .integer(incidents),
            "closedStuck": .integer(closedStuck),
        ]
    }
}
