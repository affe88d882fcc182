import SessionCore
import SessionProtocol

/// What Backstack has answered.
enum BackstackAnswer: Sendable {
    case reply(BackstackReply)
    /// An error of Backstack's own.
    case refused(BackstackRefusal)
    /// Nothing that Backstack means: no connection, a proxy's page, a body that cannot be read, a service in trouble.
    case unusable(retryAfterMs: Int64? = nil, jwt: Secret? = nil)
    case throttled(retryAfterMs: Int64? = nil, jwt: Secret? = nil)
    /// The daemon cannot even ask.
    case misconfigured(reason: String)
}

/// A success.
struct BackstackReply: Sendable {
    /// Out of its envelope, where it has one. null where the body is empty.
    var payload: JSONValue
    /// The jwt to use from now on; nil where the answer brings none.
    var jwt: Secret?
    /// Whether Backstack says that the session has changed since it was last shown.
    var isStale = false
}

/// An error of Backstack's own.
struct BackstackRefusal: Sendable, Hashable {
    var status: Int
    /// The person has typed something wrong; otherwise the app or the service is at fault.
    var isOfUser: Bool
    /// The inputs that are at fault, where Backstack says so.
    var fields: Set<String> = []
    /// The jwt to use from now on; nil where the answer brings none.
    var jwt: Secret?

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

extension BackstackAnswer {
    /// - Parameter now: for a `Retry-After` that names a date.
    init(_ answer: UpstreamAnswer, now: Int64) {
        let retryAfterMs = RetryAfter.milliseconds(answer.headers["retry-after"], now: now)
        let jwt = Self.jwt(answer.headers["x-jwt"])
        if answer.status == 429 {
            self = .throttled(retryAfterMs: retryAfterMs, jwt: jwt)
            return
        }
        guard let json = answer.body.isEmpty ? JSONValue.null : try? JSONValue.parseForeign(answer.body) else {
            self = .unusable(retryAfterMs: retryAfterMs, jwt: jwt)
            return
        }
        switch answer.status {
        case 200..<300:
            guard let payload = Self.payload(of: json) else {
                let error = Self.error(in: json)
                let code = error?["code"]?.integerValue.flatMap { Int(exactly: $0) }
                self = Self.failure(code ?? 0, error, retryAfterMs, jwt: jwt)
                return
            }
            self = .reply(
                BackstackReply(
                    payload: payload,
                    jwt: jwt ?? Self.jwt(payload["jwt"]?.stringValue),
                    isStale: answer.headers["x-session-status"]?.lowercased() == "stale"))
        // An error that is no JSON object comes from something on the way.
        case 400..<500 where json.objectValue != nil:
            self = Self.failure(
                answer.status, Self.error(in: json), retryAfterMs, jwt: jwt)
        default: self = .unusable(retryAfterMs: retryAfterMs, jwt: jwt)
        }
    }

    /// The jwt to use from now on, whatever else the answer says; nil where it brings none.
    var jwt: Secret? {
        switch self {
        case .reply(let reply): reply.jwt
        case .refused(let refusal): refusal.jwt
        case .unusable(_, let jwt), .throttled(_, let jwt): jwt
        case .misconfigured: nil
        }
    }

    private static func failure(
        _ status: Int, _ error: JSONValue?, _ retryAfterMs: Int64?, jwt: Secret?
    ) -> BackstackAnswer {
        switch status {
        case 408, 429: .throttled(retryAfterMs: retryAfterMs, jwt: jwt)
        case 400..<500:
            .refused(
                BackstackRefusal(
                    status: status, isOfUser: error?["type"] == "user",
                    fields: Set(error?["fields"]?.objectValue?.keys.map { $0 } ?? []), jwt: jwt))
        default: .unusable(retryAfterMs: retryAfterMs, jwt: jwt)
        }
    }

    /// What a success holds: the body itself, or where it says `success`, its `data` or `payload`. nil where the body
    /// is an error in spite of its status.
    private static func payload(of json: JSONValue) -> JSONValue? {
        if let success = json["success"] {
            guard success != false else { return nil }
            return json["data"] ?? json["payload"] ?? .null
        }
        if json["error"]?.objectValue != nil, !BackstackSession(json).isSession { return nil }
        return json
    }

    /// `error`, or where the body says `success`, its `payload` or `data`.
    private static func error(in json: JSONValue) -> JSONValue? {
        [json["error"], json["payload"], json["data"]].compactMap { $0 }.first { $0.objectValue != nil }
    }

    /// What can be sent as a jwt: the demo front end has been seen to store and send `undefined`.
    private static func jwt(_ text: String?) -> Secret? {
        guard let text, text != "undefined", text != "null", text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        return Secret(text)
    }
}
