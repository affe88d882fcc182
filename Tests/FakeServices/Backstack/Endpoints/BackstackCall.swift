import SessionProtocol

/// A request that was let in.
struct BackstackCall {
    var verb: String
    /// The parts of the path.
    var steps: [String]
    var query: [String: String]
    var headers: [String: String]
    /// Empty where there was none.
    var body: [String: JSONValue]
    /// The session behind the credential; of the app key, a new one.
    var sessionID: Int
    /// Whether the session began with this call.
    var isFirst: Bool
    /// Unix ms.
    var now: Int64

    /// `POST app/login`, with `*` for what follows in a path of more parts.
    var name: String {
        "\(verb) \(steps.prefix(2).joined(separator: "/"))" + (steps.count > 2 ? "/*" : "")
    }

    func text(_ name: String) throws(BackstackFault) -> String {
        guard let text = body[name]?.stringValue, !text.isEmpty else {
            throw .user("Please check your input.", [name: "This value is required."])
        }
        return text
    }
}

/// A success.
enum BackstackReply {
    /// The session object as it is now.
    case session
    case value(JSONValue)
}
