/// A token or password: a string that cannot be printed by accident.
///
/// An empty string is no secret, as providers send one where they mean none.
package struct Secret: Sendable, Hashable {
    private let text: String

    package init?(_ text: String?) {
        guard let text, !text.isEmpty else { return nil }
        self.text = text
    }

    /// The text itself. Every call is a place where a secret leaves this type: keep them few.
    package func reveal() -> String { text }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<secret>" }
    package var debugDescription: String { "<secret>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
