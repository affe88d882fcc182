import Crypto
import SessionCore
import SessionProtocol

/// What Agnost's answers hold. Lenient: what is missing or of a strange type is not there, and unknown members stay in
/// the objects as they came, without what is nobody's business.
enum AgnostPayload {
    /// One entry of the list of a user's sessions, with the token that names it.
    struct Session: Sendable {
        var token: Secret
        /// Without the token.
        var value: JSONValue
    }

    /// The list of a user's sessions.
    struct SessionList: Sendable {
        /// Each token once.
        var sessions: [Session] = []
        /// Whether it has sessions that nobody can end, as their tokens are missing.
        var hasNameless = false

        func value(of token: Secret) -> JSONValue? { sessions.first { $0.token == token }?.value }
    }

    /// A new session; nil where there is none, or none that could be used: its token is sent in a header.
    static func session(_ json: JSONValue?) -> Session? {
        guard let json, let token = Secret(json["token"]?.stringValue), isSendable(token) else { return nil }
        return Session(token: token, value: shown(json, CredentialRedaction([token])))
    }

    /// The bare array of `auth/sessions`; nil where this is none. An entry without a token is left out: it cannot be
    /// told from others. What holds the token of another entry, or the own one, is not shown either.
    static func sessions(_ json: JSONValue?, own: Secret) -> SessionList? {
        guard let entries = json?.arrayValue else { return nil }
        let tokens = entries.map { Secret($0["token"]?.stringValue) }
        let redaction = CredentialRedaction(tokens.compactMap { $0 } + [own])
        var list = SessionList()
        var seen: Set<Secret> = []
        for (entry, token) in zip(entries, tokens) where entry.objectValue != nil {
            guard let token else {
                list.hasNameless = true
                continue
            }
            if seen.insert(token).inserted {
                list.sessions.append(Session(token: token, value: shown(entry, redaction)))
            }
        }
        return list
    }

    private static func shown(_ session: JSONValue, _ redaction: CredentialRedaction) -> JSONValue {
        redaction.applied(to: session.withMaps(userAgentMaps))
    }

    /// Whether a header carries it as it is. Servers take no more than 16 KiB of headers.
    private static func isSendable(_ token: Secret) -> Bool {
        let bytes = token.reveal().utf8
        return bytes.count <= 8192 && bytes.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// The bare user of `auth/user`. nil where it has no key: whatever was answered, it is no row of the user model.
    static func user(_ json: JSONValue?, of token: Secret) -> JSONValue? {
        hasKey(json) ? json.map(CredentialRedaction([token]).applied(to:)) : nil
    }

    /// The user beside a new session. A missing one comes with the next heartbeat.
    static func newUser(_ json: JSONValue?, of token: Secret) -> JSONValue? {
        switch json {
        case .null, .array([]): [:]
        case .object: json.map(CredentialRedaction([token]).applied(to:))
        default: nil
        }
    }

    /// `_id` of MongoDB; `id` of an SQL database, a text or a number.
    static func hasKey(_ user: JSONValue?) -> Bool {
        [user?["_id"], user?["id"]].contains { key in
            switch key {
            case .string(let text): !text.isEmpty
            case .integer, .number: true
            default: false
            }
        }
    }

    /// A session's id on the wire: Agnost has none, and the token must not leave the daemon.
    static func id(of token: Secret) -> String {
        let hex = Array("0123456789abcdef")
        return String(
            SHA256.hash(data: Array(token.reveal().utf8)).prefix(8).flatMap { [hex[Int($0 >> 4)], hex[Int($0 & 15)]] })
    }

    /// Where a session has maps.
    private static let userAgentMaps = [
        ["userAgent"], ["userAgent", "browser"], ["userAgent", "engine"], ["userAgent", "os"], ["userAgent", "device"],
        ["userAgent", "cpu"],
    ]
}

extension JSONValue {
    /// With `{}` where a map is meant and `[]` or null was sent.
    fileprivate func withMaps(_ places: [[String]]) -> JSONValue {
        places.reduce(self) { $0.withMap(at: $1[...]) }
    }

    private func withMap(at place: ArraySlice<String>) -> JSONValue {
        guard let name = place.first else { return self == .null || self == .array([]) ? [:] : self }
        guard case .object(var members) = self, let member = members[name] else { return self }
        members[name] = member.withMap(at: place.dropFirst())
        return .object(members)
    }
}
