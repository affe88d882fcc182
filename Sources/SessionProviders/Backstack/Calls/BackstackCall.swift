import SessionCore
import SessionProtocol

/// A call of Backstack's API.
struct BackstackCall: Sendable {
    var verb: UpstreamRequest.Verb
    var path: String
    /// nil: none is sent.
    var body: JSONValue?
    var isRepeatable: Bool

    static func get(_ path: String) -> BackstackCall {
        BackstackCall(verb: .get, path: path, body: nil, isRepeatable: true)
    }

    static func post(_ path: String, _ fields: [String: String]) -> BackstackCall {
        BackstackCall(verb: .post, path: path, body: .object(fields.mapValues(JSONValue.string)), isRepeatable: false)
    }

    /// The session as it is now.
    static var session: BackstackCall { .get("/app/session") }
}

/// In whose name a call is made. The app key is sent only where no jwt is held: every call with it begins a session.
enum BackstackCredential: Sendable {
    case appKey
    case jwt(Secret)

    var jwt: Secret? {
        guard case .jwt(let jwt) = self else { return nil }
        return jwt
    }
}
