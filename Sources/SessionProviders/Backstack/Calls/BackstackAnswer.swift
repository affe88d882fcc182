import SessionCore
import SessionProtocol

/// What Backstack has answered.
struct BackstackAnswer: Sendable {
    enum Content: Sendable {
        /// A success: its payload, out of its envelope where it has one. null where the body is empty.
        case reply(JSONValue)
        /// An error of Backstack's own.
        case refused(BackstackRefusal)
        /// Nothing that Backstack means: no connection, a proxy's page, a body that cannot be read, a service in
        /// trouble.
        case unusable(retryAfterMs: Int64? = nil)
        case throttled(retryAfterMs: Int64? = nil)
        /// The daemon cannot even ask.
        case misconfigured(reason: String)
    }

    var content: Content
    /// The jwt to use from now on, whatever else the answer says; nil where it brings none.
    var jwt: Secret?
    /// What `X-Session-Status` says of the session in whose name the call was made; nil before the third generation.
    var status: Status?

    enum Status: String, Sendable {
        /// Nobody is signed in.
        case authenticating = "auth"
        case current
        /// The session has changed since it was last shown.
        case stale
    }

    init(_ content: Content, jwt: Secret? = nil, status: Status? = nil) {
        self.content = content
        self.jwt = jwt
        self.status = status
    }

    /// What a session that was held learns from the answer to a call in its name.
    var news: SessionNews {
        SessionNews(
            tokens: jwt.map { TokenSet(sessionToken: $0) }, isStale: status == .stale || status == .authenticating)
    }
}

/// An error of Backstack's own.
struct BackstackRefusal: Sendable, Hashable {
    var status: Int
    /// The person has typed something wrong; otherwise the app or the service is at fault.
    var isOfUser: Bool
    /// The inputs that are at fault, where Backstack says so.
    var fields: Set<String> = []

    /// A word for clients. Backstack's own messages are texts for people.
    var reason: String {
        switch status {
        case 400: "bad_request"
        case 401: "invalid_api_initialization"
        case 403: "permission_lacking"
        case 404: "unknown_resource"
        default: "http_\(status)"
        }
    }
}
