import SessionCore
import SessionProtocol

/// Backstack's session object, which every answer replaces whole. Lenient: where a map is meant, PHP's `[]`, null and
/// nothing are an empty one; unknown members stay as they came.
struct BackstackSession: Sendable {
    private let members: [String: JSONValue]

    init(_ payload: JSONValue) { members = payload.objectValue ?? [:] }

    /// Who is signed in, by the member `auth`.
    enum Standing: Sendable {
        case signedIn
        case signedOut
        /// An account is still to be chosen; nil where the answer does not say among which.
        case choosing(JSONValue?)
    }

    /// nil where this is no session, or none that can be read.
    var standing: Standing? {
        switch members["auth"] {
        case .bool(true): .signedIn
        case .bool(false): .signedOut
        case .string("select_account"): .choosing(nil)
        case .object(let step): step["select_account"].map { .choosing($0.objectValue.map(JSONValue.object)) }
        default: nil
        }
    }

    var isSession: Bool { standing != nil }

    private static let separate: Set<String> = ["jwt", "app", "account", "user", "access", "alerts"]

    /// The confirmation of somebody who is signed in.
    func confirmation(jwt: Secret) -> Confirmation {
        let user = Self.map(members["user"])
        var objects: [String: JSONValue?] = [
            "session": .object(members.filter { !Self.separate.contains($0.key) }),
            "account": .object(Self.map(members["account"]).withMaps("counters", "stats")),
            "user": .object(user), "access": .object(Self.map(members["access"])),
            "alerts": .array(members["alerts"]?.arrayValue ?? []),
        ]
        // It is the service's, not the session's: an answer without it says nothing about it.
        if let app = members["app"] { objects["app"] = .object(Self.map(app)) }
        let redaction = CredentialRedaction([jwt])
        // A feature may have any name, and its letters are no secret.
        for (name, value) in objects where name != "access" { objects[name] = value.map(redaction.applied(to:)) }
        var confirmation = Confirmation(objects: objects, tokens: TokenSet(sessionToken: jwt), expiry: .never)
        confirmation.isLocked = user["screen_locked"] == true
        return confirmation
    }

    /// As clients may see it.
    func user(jwt: Secret) -> JSONValue {
        CredentialRedaction([jwt]).applied(to: .object(Self.map(members["user"])))
    }

    private static func map(_ value: JSONValue?) -> [String: JSONValue] { value?.objectValue ?? [:] }
}

extension [String: JSONValue] {
    /// With an empty map where one of these is `[]` or null.
    fileprivate func withMaps(_ names: String...) -> [String: JSONValue] {
        var members = self
        for name in names where members[name] == [] || members[name] == .null { members[name] = [:] }
        return members
    }
}
