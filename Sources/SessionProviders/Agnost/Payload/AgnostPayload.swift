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

    /// A session; nil where there is none, or none that could be used.
    static func session(_ json: JSONValue?) -> Session? {
        guard let json, let token = Secret(json["token"]?.stringValue) else { return nil }
        return Session(token: token, value: json.withMaps(userAgentMaps).withoutSecrets(token))
    }

    /// The bare array of `auth/sessions`; nil where this is none. An entry without a token is left out: it cannot be
    /// told from others.
    static func sessions(_ json: JSONValue?) -> [Session]? {
        json?.arrayValue.map { $0.compactMap { session($0) } }
    }

    /// The bare user of `auth/user`. nil where it has no key: whatever was answered, it is no row of the user model.
    static func user(_ json: JSONValue?, of token: Secret) -> JSONValue? {
        hasKey(json) ? json?.withoutSecrets(token) : nil
    }

    /// The user beside a new session. A missing one comes with the next heartbeat.
    static func newUser(_ json: JSONValue?, of token: Secret) -> JSONValue? {
        switch json {
        case .null, .array([]): [:]
        case .object: json?.withoutSecrets(token)
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
