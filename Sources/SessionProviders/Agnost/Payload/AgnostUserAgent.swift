import SessionProtocol

/// What made a session, as a text: Agnost keeps the parts of a User-Agent header, in one of two shapes, or nothing.
enum AgnostUserAgent {
    static func text(_ userAgent: JSONValue?) -> String? {
        if let text = userAgent?.stringValue { return text.isEmpty ? nil : text }
        guard let userAgent else { return nil }
        if let header = userAgent.text("ua") { return header }
        let program = named(userAgent) ?? userAgent["browser"].flatMap(named)
        let parts = [program, userAgent["os"].flatMap(named)].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    /// `name` and `version`, or `family`, `major`, `minor` and `patch`, where `Other` and zeros mean nothing.
    private static func named(_ part: JSONValue) -> String? {
        guard let name = part.text("name") ?? part.text("family"), name != "Other" else { return nil }
        let numbers = ["major", "minor", "patch"].compactMap { part.text($0) }
        let version = part.text("version") ?? (numbers.contains { $0 != "0" } ? numbers.joined(separator: ".") : nil)
        return version.map { "\(name) \($0)" } ?? name
    }
}
