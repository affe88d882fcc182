public import SessionProtocol

/// Why a call failed. `kind` is stable and named by what the caller must do; `message` is for people.
public struct SessionError: Error, Sendable, Hashable {
    /// The error kinds of docs/protocol.md, section 3, and two of the client's own.
    public struct Kind: RawRepresentable, Sendable, Hashable {
        /// The stable word.
        public let rawValue: String
        /// A kind by its stable word; newer daemons may send words that this version has no name for.
        public init(rawValue: String) { self.rawValue = rawValue }
        /// No daemon answers: it does not run, or the connection broke before the answer came.
        public static let unavailable = Kind(rawValue: "unavailable")
    }

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
