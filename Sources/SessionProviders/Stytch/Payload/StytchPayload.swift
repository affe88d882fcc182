import SessionCore
import SessionProtocol

/// An answer's payload. Lenient: what is missing, null, empty or of a strange type is not there, and unknown members
/// stay in the objects as they came.
struct StytchPayload: Sendable {
    let data: JSONValue
    let product: StytchProject.Product

    /// The session, where the answer brings one.
    var session: JSONValue? { object(product == .b2b ? "member_session" : "session") }

    var sessionID: String? { session?.text(product == .b2b ? "member_session_id" : "session_id") }

    /// "" means none.
    var sessionToken: Secret? { Secret(data["session_token"]?.stringValue) }
    var sessionJwt: Secret? { Secret(data["session_jwt"]?.stringValue) }
    var intermediateSessionToken: Secret? { Secret(data["intermediate_session_token"]?.stringValue) }

    /// When the intermediate session token ends: what Stytch says, else 10 minutes from now.
    func intermediateEnd(now: Int64) -> Int64 {
        Timestamp.milliseconds(data["intermediate_session_token_expires_at"]) ?? now + 600_000
    }

    func object(_ name: String) -> JSONValue? {
        guard let value = data[name], value.objectValue != nil else { return nil }
        return value
    }

    /// The confirmation of the session in this payload; nil where there is none.
    ///
    /// - Parameter tokens: what is held: an answer may bring a new JWT alone.
    func confirmation(holding tokens: TokenSet?) -> Confirmation? {
        // Without its id it could be anybody's.
        guard let session, let sessionID else { return nil }
        var objects: [String: JSONValue?] = ["session": session]
        for name in product == .b2b ? ["member", "organization"] : ["user"] {
            if let value = object(name) { objects[name] = value }
        }
        var merged = tokens ?? TokenSet()
        if let sessionToken {
            // A JWT of another session token must not stay beside it.
            if merged.sessionToken != sessionToken { merged.sessionJwt = nil }
            merged.sessionToken = sessionToken
        }
        if let sessionJwt { merged.sessionJwt = sessionJwt }
        guard merged.sessionToken != nil else { return nil }
        var confirmation = Confirmation(
            objects: objects, tokens: merged,
            expiry: Timestamp.milliseconds(session["expires_at"]).map { .at($0) } ?? .unchanged)
        confirmation.sessionID = sessionID
        confirmation.startedAt = Timestamp.milliseconds(session["started_at"])
        return confirmation
    }

    /// A user that is spread over the payload instead of lying in a member of its own.
    var flattenedUser: JSONValue? {
        guard var members = data.objectValue, members["user_id"]?.stringValue != nil else { return nil }
        members["request_id"] = nil
        members["status_code"] = nil
        return .object(members)
    }
}
