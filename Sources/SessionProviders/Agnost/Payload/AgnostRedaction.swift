import SessionCore
import SessionProtocol

extension JSONValue {
    /// Without tokens, password hashes and the server's stack traces, at any depth: objects are for every reader, and
    /// Agnost sends all of them at times.
    ///
    /// Members named `token` and `password` go whatever they hold; of other members and elements, those that are `token`
    /// itself, a hash as Agnost makes it, or a stack trace.
    func withoutSecrets(_ token: Secret) -> JSONValue {
        switch self {
        case .object(let members):
            .object(
                members.filter { name, value in
                    name != "token" && name != "password" && !value.isSecret(token)
                        && !(name == "stack" && value.isStackTrace)
                }
                .mapValues { $0.withoutSecrets(token) })
        case .array(let elements):
            .array(elements.filter { !$0.isSecret(token) }.map { $0.withoutSecrets(token) })
        case .null, .bool, .integer, .number, .string: self
        }
    }

    private func isSecret(_ token: Secret) -> Bool {
        guard let text = stringValue else { return false }
        return text == token.reveal() || Self.isHash(text)
    }

    /// bcrypt in its modular form: `$2b$10$` and 53 characters.
    private static func isHash(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let dollar = UInt8(ascii: "$")
        return bytes.count == 60 && text.hasPrefix("$2") && bytes[3] == dollar && bytes[6] == dollar
    }

    /// As JavaScript writes it. An app may call a member of its users `stack`, too.
    private var isStackTrace: Bool {
        stringValue?.contains("\n    at ") ?? false
    }
}
