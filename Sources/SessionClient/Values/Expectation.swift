public import SessionProtocol

/// The state that a change builds on: where the profile has moved on since, the change fails with `conflict` and
/// nothing happens.
public struct Expectation: Sendable, Hashable {
    /// The daemon process; nil where only the revision counts.
    public var instance: String?
    /// The revision that must still be the profile's.
    public var revision: Int64

    /// Expects that revision, of that daemon process.
    public init(instance: String? = nil, revision: Int64) {
        self.instance = instance
        self.revision = revision
    }

    /// Expects that nothing has changed since that snapshot.
    public static func unchanged(since snapshot: Snapshot) -> Expectation {
        Expectation(instance: snapshot.instance, revision: snapshot.revision)
    }

    var json: JSONValue {
        var members: [String: JSONValue] = ["revision": .integer(revision)]
        if let instance { members["instance"] = .string(instance) }
        return .object(members)
    }
}
