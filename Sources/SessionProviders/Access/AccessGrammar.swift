package import SessionCore
package import SessionProtocol

/// Whether an access map grants a requirement (docs/protocol.md, section 6).
///
/// A map has letters by feature, such as `{"reports": "cr"}`. A requirement is one part, or several with commas
/// between, any of which suffices:
///
/// | part | holds if |
/// |---|---|
/// | `*` | always, signed out too |
/// | `feature`, `feature:*` | the map has the feature, whatever its letters |
/// | `feature:xy` | the feature's letters have any of x and y |
/// | `feature:`, nothing | never |
///
/// Nothing is trimmed, case counts, and a second colon ends the letters. A granted `*` is a letter like any other.
package struct AccessGrammar: Sendable {
    private let granted: [String: JSONValue]

    /// The grants in an `access` object. What is no object grants nothing; letters that are no string are none.
    package init(access: JSONValue?) {
        granted = access?.objectValue ?? [:]
    }

    /// A requirement may have several parts; an action on a resource is the one part `resource:action`.
    package func allows(_ question: AccessQuestion) -> Bool {
        switch question {
        case .requirement(let text):
            guard !text.isEmpty else { return false }
            // Part by part: a requirement of any length takes no more memory than its longest feature. In bytes: a
            // mark that joins a comma or a colon on a screen does not hide it.
            var rest = text.utf8[...]
            while let comma = rest.firstIndex(of: UInt8(ascii: ",")) {
                if allows(part: rest[..<comma]) { return true }
                rest = rest[rest.index(after: comma)...]
            }
            return allows(part: rest)
        case .action(let action, let resource):
            return allows(part: "\(resource):\(action)".utf8[...])
        }
    }

    private func allows(part: Substring.UTF8View) -> Bool {
        if part.elementsEqual("*".utf8) { return true }
        let pieces = part.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
        guard let grant = granted[String(Substring(pieces[0]))] else { return false }
        guard pieces.count > 1 else { return true }
        let wanted = Substring(pieces[1]).unicodeScalars
        let letters = (grant.stringValue ?? "").unicodeScalars
        return wanted.elementsEqual("*".unicodeScalars) || wanted.contains { letters.contains($0) }
    }
}
