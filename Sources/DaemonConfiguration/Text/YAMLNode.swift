/// A YAML document, reduced to what a configuration is made of: no anchors, aliases, tags or keys that are no text.
struct YAMLNode: Sendable {
    /// Both from 1, columns in Unicode scalars.
    struct Position: Sendable, Hashable {
        var line: Int
        var column: Int
    }

    struct Entry: Sendable {
        var key: String
        var position: Position
        var value: YAMLNode
    }

    enum Value: Sendable {
        /// `isPlain`: without quotes, so that it may mean a number, a boolean or nothing.
        case scalar(String, isPlain: Bool)
        case list([YAMLNode])
        case mapping([Entry])
    }

    var position: Position
    var value: Value

    /// Whether nothing was written here, or `null`.
    var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = value else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }
}
