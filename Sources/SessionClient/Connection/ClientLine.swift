import SessionProtocol

/// One line to the server.
struct ClientLine {
    /// The call that it makes; nil for `server.cancel`, which is a notification.
    let id: Int64?
    let bytes: [UInt8]
    /// Bytes that the socket has taken.
    var sent = 0

    init(id: Int64, method: String, params: [String: JSONValue]) {
        self.init(id: id, method: method) { writer in
            guard !params.isEmpty else { return }
            writer.name("params")
            writer.value(.object(params))
        }
    }

    static func cancel(_ id: Int64) -> ClientLine {
        ClientLine(id: nil, method: "server.cancel") { writer in
            writer.name("params")
            writer.value(["id": .integer(id)])
        }
    }

    private init(id: Int64?, method: String, params: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("jsonrpc")
        writer.string("2.0")
        if let id {
            writer.name("id")
            writer.integer(id)
        }
        writer.name("method")
        writer.string(method)
        params(&writer)
        writer.endObject()
        writer.lineFeed()
        self.id = id
        bytes = writer.bytes
    }
}

/// What the client must know of a method before it may send a call of it.
enum MethodTraits {
    /// Whether the server answers in the same turn. All others may be slow: past 32 of those on one connection the
    /// server stops reading from it, `server.cancel` included (docs/protocol.md, section 2).
    static func isAnsweredAtOnce(_ method: String) -> Bool { answeredAtOnce.contains(method) }

    /// Whether a call changes nothing, so that one which was never written may wait for the next connection.
    static func isRead(_ method: String) -> Bool { answeredAtOnce.contains(method) || slowReads.contains(method) }

    private static let answeredAtOnce: Set<String> = [
        "server.hello", "server.ping", "server.health", "server.status", "server.cancel", "rpc.discover",
        "profile.list", "session.get", "user.get", "access.check", "alerts.list", "session.watch", "session.unwatch",
        "authority.jwks",
    ]

    private static let slowReads: Set<String> = [
        "session.token", "session.headers", "session.list", "session.wait", "user.fetch", "account.list",
        "authority.users", "authority.sessions",
    ]
}
