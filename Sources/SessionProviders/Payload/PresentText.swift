import SessionCore
import SessionProtocol

extension JSONValue {
    /// A member that is a text with something in it.
    func text(_ name: String) -> String? {
        guard let text = self[name]?.stringValue, !text.isEmpty else { return nil }
        return text
    }
}

extension SignInFields {
    /// A field as a call's body wants it; nil where it was not given.
    func json(_ name: String) -> JSONValue? {
        self[name].flatMap { $0.isEmpty ? nil : .string($0) }
    }
}

/// What a challenge holds for the next call.
extension [String: Secret] {
    func json(_ name: String) -> JSONValue? { self[name].map { .string($0.reveal()) } }
    func text(_ name: String) -> String? { self[name]?.reveal() }
}
