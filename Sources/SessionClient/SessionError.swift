public import SessionProtocol

/// Why a call failed. `kind` is stable and named by what the caller must do; `message` is for people.
public struct SessionError: Error, Sendable, Hashable {
    /// What happened.
    public let kind: Kind
    /// English, unstable.
    public let message: String
    /// Members of the error's `data`.
    public let data: [String: JSONValue]

    /// An error of that kind.
    public init(kind: Kind, message: String, data: [String: JSONValue] = [:]) {
        self.kind = kind
        self.message = message
        self.data = data
    }
}

extension SessionError {
    /// Whether the same call may succeed later without anybody mending anything.
    public var isRetryable: Bool { data["retryable"]?.boolValue ?? (kind == .unavailable) }

    /// What the auth service said, such as `invalid_credentials`; with kinds `upstreamRejected` and `misconfigured`.
    public var reason: String? { data["reason"]?.stringValue }

    /// The phase that stood in the way; with kind `notSignedIn`.
    public var phase: Phase? { data["phase"]?.stringValue.flatMap(Phase.init(rawValue:)) }

    /// When the daemon asks the auth service again, in Unix milliseconds; with kind `upstreamUnavailable`.
    public var nextAttemptAt: Int64? { data["nextAttemptAt"]?.integerValue }
}

extension SessionError: CustomStringConvertible {
    /// The kind and the message; never a token, password or account name.
    public var description: String { "\(kind.rawValue): \(message)" }
}

extension SessionError {
    /// Reads the `error` member of an answer; nil where it is none.
    init?(json: JSONValue) {
        guard let code = json["code"]?.integerValue, let message = json["message"]?.stringValue else { return nil }
        let data = json["data"]?.objectValue ?? [:]
        // A server that is not sessiond sends codes alone: the code is then the only name that its error has.
        let kind = data["kind"]?.stringValue ?? "code\(code)"
        self.init(kind: Kind(rawValue: kind), message: message, data: data)
    }

    static func unavailable(_ message: String) -> SessionError { SessionError(kind: .unavailable, message: message) }

    static func malformedReply(_ what: String) -> SessionError {
        SessionError(kind: .malformedReply, message: "the server does not speak the sessiond protocol: \(what)")
    }

    static let cancelled = SessionError(
        kind: .cancelled, message: "cancelled; a change that had begun is carried out to its end")

    static let closed = SessionError.unavailable("this client was closed")

    static let broken = SessionError.unavailable("the connection broke before the answer came")
}
