extension SessionError {
    /// The error kinds of docs/protocol.md, section 3, and three of the client's own.
    public struct Kind: RawRepresentable, Sendable, Hashable {
        /// The stable word.
        public let rawValue: String
        /// A kind by its stable word; newer daemons may send words that this version has no name for.
        public init(rawValue: String) { self.rawValue = rawValue }
    }
}

// The client's own.
extension SessionError.Kind {
    /// No daemon answers: it does not run, or the connection broke before the answer came.
    public static let unavailable = Self(rawValue: "unavailable")
    /// Somebody else than the daemon serves the socket. Nothing was sent.
    public static let untrustedServer = Self(rawValue: "untrustedServer")
    /// What came over the socket was not the sessiond protocol.
    public static let malformedReply = Self(rawValue: "malformedReply")
}

// This call's fault.
extension SessionError.Kind {
    /// The line was not JSON.
    public static let parseError = Self(rawValue: "parseError")
    /// The line was no valid request.
    public static let invalidRequest = Self(rawValue: "invalidRequest")
    /// The request is longer than 65 536 bytes.
    public static let lineTooLong = Self(rawValue: "lineTooLong")
    /// An object of the request has a member twice.
    public static let duplicateKey = Self(rawValue: "duplicateKey")
    /// The request is nested deeper than 32 levels.
    public static let tooDeep = Self(rawValue: "tooDeep")
    /// The request has more than 4096 values.
    public static let tooManyValues = Self(rawValue: "tooManyValues")
    /// The request's id is still in flight.
    public static let duplicateID = Self(rawValue: "duplicateId")
    /// The daemon has no such method.
    public static let methodNotFound = Self(rawValue: "methodNotFound")
    /// A param is missing, unknown or of another type; `data["path"]` names it.
    public static let invalidParams = Self(rawValue: "invalidParams")
    /// The task was cancelled, or `server.cancel` named the call.
    public static let cancelled = Self(rawValue: "cancelled")
    /// The peer's user lacks the permission that `data["needs"]` names.
    public static let permissionDenied = Self(rawValue: "permissionDenied")
    /// No such profile.
    public static let profileNotFound = Self(rawValue: "profileNotFound")
    /// The profile's provider has no such operation.
    public static let notSupported = Self(rawValue: "notSupported")
    /// No such challenge is open.
    public static let challengeNotFound = Self(rawValue: "challengeNotFound")
    /// Daemon and client have no protocol version in common.
    public static let protocolUnsupported = Self(rawValue: "protocolUnsupported")
}

// The state of things.
extension SessionError.Kind {
    /// The profile holds no session.
    public static let notSignedIn = Self(rawValue: "notSignedIn")
    /// The profile has changed since the revision that was expected.
    public static let conflict = Self(rawValue: "conflict")
    /// No answer within `timeout`.
    public static let deadlineExceeded = Self(rawValue: "deadlineExceeded")
    /// Over a limit; try again later.
    public static let busy = Self(rawValue: "busy")
    /// Over the subscriptions that one connection may have.
    public static let tooManySubscriptions = Self(rawValue: "tooManySubscriptions")
    /// The auth service cannot be reached. The session is kept.
    public static let upstreamUnavailable = Self(rawValue: "upstreamUnavailable")
    /// The auth service refused this request; `reason` says why. The session is kept.
    public static let upstreamRejected = Self(rawValue: "upstreamRejected")
    /// The store cannot be written; the old state is kept.
    public static let storeFailed = Self(rawValue: "storeFailed")
    /// The vault's key cannot be read; the stored state is kept.
    public static let keyUnavailable = Self(rawValue: "keyUnavailable")
    /// The daemon is stopping.
    public static let shuttingDown = Self(rawValue: "shuttingDown")
    /// An administrator must mend the profile's settings.
    public static let misconfigured = Self(rawValue: "misconfigured")
    /// A bug in the daemon; its log has `data["incident"]`.
    public static let internalError = Self(rawValue: "internal")
}
