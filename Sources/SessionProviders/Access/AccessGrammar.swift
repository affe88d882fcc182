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
            var rest = text[...]
            // Part by part: a requirement of any length takes no more memory than its longest feature.
            while let comma = rest.firstIndex(of: ",") {
                if allows(part: rest[..<comma]) { return true }
                rest = rest[rest.index(after: comma)...]
            }
            return allows(part: rest)
        case .action(let action, let resource):
            return allows(part: "\(resource):\(action)"[...])
        }
    }

    private func allows(part: Substring) -> Bool {
        if part == "*" { return true }
        guard let colon = part.firstIndex(of: ":") else { return granted[String(part)] != nil }
        guard let grant = granted[String(part[..<colon])] else { return false }
        let wanted = part[part.index(after: colon)...].prefix { $0 != ":" }
        let letters = grant.stringValue ?? ""
        return wanted == "*" || wanted.contains { letters.contains($0) }
    }
}
