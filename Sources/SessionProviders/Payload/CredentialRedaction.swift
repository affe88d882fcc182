import SessionCore
import SessionProtocol

/// Takes out of objects what is for nobody's eyes: objects are for every reader, and services send tokens of other
/// sessions, password hashes and their servers' stack traces at times.
///
/// At any depth go members whose name says that they are a credential, and members and elements whose text is or holds
/// a token, a grant or a password hash. So do members that are named by one.
struct CredentialRedaction: Sendable {
    /// Texts that are secret though they do not look it.
    private let tokens: Set<String>

    init(_ tokens: some Sequence<Secret>) { self.tokens = Set(tokens.map { $0.reveal() }) }

    func applied(to json: JSONValue) -> JSONValue {
        switch json {
        case .object(let members):
            .object(
                members.filter { name, value in !isSecret(name, value) && !isSecret(name) }
                    .mapValues(applied(to:)))
        case .array(let elements):
            .array(elements.filter { !isSecret($0.stringValue) }.map(applied(to:)))
        case .null, .bool, .integer, .number, .string: json
        }
    }

    private func isSecret(_ name: String, _ value: JSONValue) -> Bool {
        let plain = name.lowercased().filter { $0 != "_" && $0 != "-" }
        if Self.names.contains(plain) {
            // A number of tokens is none.
            switch value {
            case .integer, .number, .bool: return plain.contains("password")
            case .null, .string, .array, .object: return true
            }
        }
        // An app may call a member of its users `stack`, too.
        if name == "stack", value.stringValue?.contains("\n    at ") ?? false { return true }
        return isSecret(value.stringValue)
    }

    private func isSecret(_ text: String?) -> Bool {
        guard let text, !text.isEmpty else { return false }
        return tokens.contains(text) || CredentialShape.isHashIn(text)
            || CredentialShape.words(of: text).contains { word in
                CredentialShape.isToken(word)
                    // A short word may stand in a sentence by chance.
                    || (word.utf8.count >= 16 && tokens.contains(String(word)))
            }
    }

    /// In lower case, without `_` and `-`.
    private static let names: Set<String> = [
        "token", "jwt", "sessiontoken", "sessionjwt", "accesstoken", "refreshtoken", "idtoken", "password",
        "passwordhash", "hashedpassword",
    ]
}
