/// A token that cannot be printed by accident.
public struct SessionToken: Sendable, Hashable {
    private let text: String

    init(_ text: String) { self.text = text }

    /// The token itself. Every call is a place where a secret leaves this type: keep them few.
    public func reveal() -> String { text }
}

extension SessionToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always the same word.
    public var description: String { "<secret>" }
    /// Always the same word.
    public var debugDescription: String { "<secret>" }
    /// Without children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The credentials of a profile's session, as they were at one revision.
///
/// Tokens change while the session goes on: ask for them when they are needed, and keep none.
public struct SessionTokens: Sendable, Hashable {
    /// The profile's name.
    public var profile: String
    /// The revision of the snapshot that these belong to.
    public var revision: Int64
    /// Whether the session cannot be confirmed at present.
    public var isStale: Bool
    /// When the session ends, in Unix milliseconds; nil where sessions have no end.
    public var expiresAt: Int64?
    /// The opaque session token.
    public var sessionToken: SessionToken?
    /// The signed session token, which others can verify by themselves.
    public var sessionJWT: SessionToken?
    /// OpenID Connect's access token.
    public var accessToken: SessionToken?
    /// OpenID Connect's identity token.
    public var idToken: SessionToken?
    /// When the short-lived token among these ends, in Unix milliseconds.
    public var jwtExpiresAt: Int64?
}

/// What a request to the provider's API must carry.
public struct SessionHeaders: Sendable, Hashable {
    private let values: [String: SessionToken]

    init(_ values: [String: SessionToken]) { self.values = values }

    /// The headers' names, sorted.
    public var names: [String] { values.keys.sorted() }

    /// The value of one header.
    public subscript(name: String) -> SessionToken? { values[name] }

    /// All headers in plain text, for an HTTP library.
    public func reveal() -> [String: String] { values.mapValues { $0.reveal() } }
}
