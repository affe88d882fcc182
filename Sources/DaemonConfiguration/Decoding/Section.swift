/// A key's value, and the names under which problems with it are told.
struct Field: Sendable {
    /// The path from the top of the file.
    var key: String
    var node: YAMLNode
}

/// A mapping whose keys are all known.
struct Section: Sendable {
    /// Empty at the top of a file.
    var key: String
    var position: YAMLNode.Position
    fileprivate var fields: [String: Field] = [:]

    subscript(name: String) -> Field? { fields[name] }

    fileprivate(set) var hasUnknownKeys = false

    func path(_ name: String) -> String { key.isEmpty ? name : "\(key).\(name)" }
}

/// Reads one file's nodes and collects what is wrong with them: every reader answers nil where it has reported a
/// problem, so that the rest of the file is read nevertheless.
struct FieldReader {
    let file: String
    private(set) var problems: [ConfigurationProblem] = []
    /// Whether secrets in the file can be read by others than its owner and group.
    let isReadableByOthers: Bool
    let secretFiles: SecretFileCheck

    init(file: String, isReadableByOthers: Bool = false, secretFiles: SecretFileCheck = .none) {
        self.file = file
        self.isReadableByOthers = isReadableByOthers
        self.secretFiles = secretFiles
    }

    mutating func report(at position: YAMLNode.Position?, key: String?, _ message: String, remedy: String) {
        add(.error, position, key, message, remedy)
    }

    mutating func report(_ field: Field, _ message: String, remedy: String) {
        add(.error, field.node.position, field.key, message, remedy)
    }

    mutating func warn(_ field: Field, _ message: String, remedy: String) {
        add(.warning, field.node.position, field.key, message, remedy)
    }

    private mutating func add(
        _ severity: ConfigurationProblem.Severity, _ position: YAMLNode.Position?, _ key: String?, _ message: String,
        _ remedy: String
    ) {
        problems.append(
            ConfigurationProblem(
                severity: severity, file: file, line: position?.line, column: position?.column,
                key: key.flatMap { $0.isEmpty ? nil : $0 }, message: message, remedy: remedy))
    }

    /// A mapping of fixed keys. One without content, as when all of its lines are comments, is empty.
    mutating func section(_ field: Field, keys: [String]) -> Section? {
        guard let entries = entries(field, expected: "\(keys.prefix(2).joined(separator: ", ")) …") else { return nil }
        var section = Section(key: field.key, position: field.node.position)
        for entry in entries {
            let path = section.path(entry.key)
            if keys.contains(entry.key) {
                section.fields[entry.key] = Field(key: path, node: entry.value)
            } else {
                section.hasUnknownKeys = true
                report(
                    at: entry.position, key: path, "unknown key",
                    remedy: suggestion(for: entry.key, among: keys)
                        ?? "known keys here: \(keys.joined(separator: ", "))")
            }
        }
        return section
    }

    /// A mapping whose keys are names.
    mutating func entries(_ field: Field, expected: String) -> [YAMLNode.Entry]? {
        if field.node.isNull { return [] }
        guard case .mapping(let entries) = field.node.value else {
            report(
                field, "expected keys with values, not \(field.node.kind)",
                remedy: "write keys below it, indented: \(expected)")
            return nil
        }
        return entries
    }

    /// A list; one without content is empty.
    mutating func list(_ field: Field, example: String) -> [Field]? {
        if field.node.isNull { return [] }
        guard case .list(let elements) = field.node.value else {
            report(field, "expected a list, not \(field.node.kind)", remedy: "write it like \(example)")
            return nil
        }
        return elements.enumerated().map { Field(key: "\(field.key)[\($0)]", node: $1) }
    }

    /// The text of a scalar that is there.
    mutating func scalar(_ field: Field, expected: String, example: String) -> (text: String, isPlain: Bool)? {
        guard case .scalar(let text, let isPlain) = field.node.value else {
            report(field, "expected \(expected), not \(field.node.kind)", remedy: "write it like \(example)")
            return nil
        }
        guard !field.node.isNull else {
            report(field, "has no value", remedy: "write it like \(example), or delete the key")
            return nil
        }
        return (text, isPlain)
    }
}

extension YAMLNode {
    fileprivate var kind: String {
        switch value {
        case .scalar: "a single value"
        case .list: "a list"
        case .mapping: "keys with values"
        }
    }
}
