/// A sign-in that waits for its next step.
public struct Challenge: Sendable, Hashable {
    /// Names the challenge in `session.answer`; stays the same over wrong answers and restarts.
    public let id: String
    /// `otp`, `magicLink`, `mfa`, `organization`, `account`, `device`, `primary`; others may be added.
    public let kind: String
    /// Unix milliseconds; nil where it has no end.
    public let expiresAt: Int64?
    /// What the kind adds: `sentTo`, `methods`, `organizations`, `accounts`, `userCode` and so on.
    public let details: [String: JSONValue]

    /// A challenge as clients see it.
    public init(id: String, kind: String, expiresAt: Int64?, details: [String: JSONValue] = [:]) {
        self.id = id
        self.kind = kind
        self.expiresAt = expiresAt
        self.details = details
    }
}

extension Challenge {
    /// The wire shape.
    package var json: JSONValue {
        var members = details
        members["id"] = .string(id)
        members["kind"] = .string(kind)
        members["expiresAt"] = JSONValue(expiresAt)
        return .object(members)
    }

    /// Reads the wire shape.
    package init?(json: JSONValue) {
        guard var members = json.objectValue, let id = members.removeValue(forKey: "id")?.stringValue,
            let kind = members.removeValue(forKey: "kind")?.stringValue
        else { return nil }
        let expiresAt = members.removeValue(forKey: "expiresAt")?.integerValue
        self.init(id: id, kind: kind, expiresAt: expiresAt, details: members)
    }
}
