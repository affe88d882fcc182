import SessionProtocol

/// One line of the server, as the client acts on it.
enum ServerMessage: Sendable, Hashable {
    case answer(id: Int64, Result<JSONValue, SessionError>)
    /// An error without an id: it is about the connection, which the server closes next.
    case refusal(SessionError)
    /// `session.changed`.
    case changed(subscription: String, Snapshot)
    /// `subscription.closed`.
    case subscriptionClosed(subscription: String)
    /// What this version does not know, or need not.
    case ignored
    /// Not the sessiond protocol.
    case malformed(String)

    /// Deeper than any provider's object; the server itself refuses provider answers that nest without end.
    private static let bounds = JSONParser.Bounds(maxDepth: 256, maxValues: 1 << 20, numbers: .any)

    init(line: Span<UInt8>) {
        let json: JSONValue
        do {
            var parser = JSONParser(bounds: Self.bounds)
            parser.skipSpace(line)
            guard parser.position < line.count else {
                self = .ignored
                return
            }
            json = try parser.value(line, level: 1)
            try parser.end(line)
        } catch {
            self = .malformed("a line is not JSON")
            return
        }
        self.init(json: json)
    }

    private init(json: JSONValue) {
        guard let members = json.objectValue, members["jsonrpc"] == "2.0" else {
            self = .malformed("a line is no JSON-RPC 2.0 message")
            return
        }
        if let method = members["method"] {
            self.init(method: method.stringValue, params: members["params"])
        } else {
            self.init(answer: members)
        }
    }

    private init(answer members: [String: JSONValue]) {
        let outcome: Result<JSONValue, SessionError>
        switch (members["result"], members["error"].map(SessionError.init(json:))) {
        case (let result?, nil): outcome = .success(result)
        case (nil, .some(.some(let error))): outcome = .failure(error)
        default:
            self = .malformed("an answer has neither a result nor an error, or both")
            return
        }
        switch (members["id"], outcome) {
        case (.integer(let id), _): self = .answer(id: id, outcome)
        case (.null, .failure(let error)): self = .refusal(error)
        default: self = .malformed("an answer has an id that no call has")
        }
    }

    private init(method: String?, params: JSONValue?) {
        switch method {
        case "session.changed":
            guard let subscription = params?["subscription"]?.stringValue,
                let snapshot = params?["state"].flatMap(Snapshot.init(json:))
            else {
                self = .malformed("session.changed carries no state")
                return
            }
            self = .changed(subscription: subscription, snapshot)
        case "subscription.closed":
            guard let subscription = params?["subscription"]?.stringValue else {
                self = .malformed("subscription.closed names no subscription")
                return
            }
            self = .subscriptionClosed(subscription: subscription)
        default: self = .ignored
        }
    }
}
