import SessionProtocol

/// Holds a value to a JSON Schema, as far as the daemon's own document uses that language; a keyword that it does not
/// know is a finding, not a pass.
struct SchemaChecker {
    let document: JSONValue

    /// What is wrong, each with its path; empty where the value is as the schema says.
    func problems(_ value: JSONValue, _ schema: JSONValue, at path: String = "result") -> [String] {
        guard case .object(let keywords) = schema else { return ["\(path): a schema that is no object"] }
        return keywords.flatMap { keyword, rule in problems(value, keyword, rule, keywords, path) }
    }

    private func problems(
        _ value: JSONValue, _ keyword: String, _ rule: JSONValue, _ keywords: [String: JSONValue], _ path: String
    ) -> [String] {
        switch keyword {
        case "description", "title": return []
        case "$ref": return problems(value, resolved(rule), at: path)
        case "type":
            let types = rule.arrayValue?.compactMap(\.stringValue) ?? [rule.stringValue ?? ""]
            return types.contains { isA($0, value) } ? [] : ["\(path): expected \(types)"]
        case "enum": return rule.arrayValue?.contains(value) == true ? [] : ["\(path): not one of the words"]
        case "required":
            let names = rule.arrayValue?.compactMap(\.stringValue) ?? []
            return names.filter { value[$0] == nil }.map { "\(path).\($0) is missing" }
        case "properties":
            return (rule.objectValue ?? [:]).flatMap { name, schema in
                value[name].map { problems($0, schema, at: "\(path).\(name)") } ?? []
            }
        case "additionalProperties":
            let known = Set(keywords["properties"]?.objectValue?.keys.map { $0 } ?? [])
            let others = (value.objectValue ?? [:]).filter { !known.contains($0.key) }
            if rule == false { return others.keys.map { "\(path).\($0) is unknown" } }
            return others.flatMap { problems($0.value, rule, at: "\(path).\($0.key)") }
        case "items":
            return (value.arrayValue ?? []).enumerated().flatMap { problems($1, rule, at: "\(path)[\($0)]") }
        case "oneOf":
            let matching = (rule.arrayValue ?? []).count { problems(value, $0, at: path).isEmpty }
            return matching == 1 ? [] : ["\(path): \(matching) alternatives fit"]
        case "minimum": return (value.integerValue ?? .max) >= rule.integerValue ?? .max ? [] : ["\(path): too small"]
        case "maximum": return (value.integerValue ?? .min) <= rule.integerValue ?? .min ? [] : ["\(path): too large"]
        default: return ["\(path): unknown keyword \(keyword)"]
        }
    }

    private func resolved(_ reference: JSONValue) -> JSONValue {
        guard let path = reference.stringValue, path.hasPrefix("#/") else { return .null }
        return path.dropFirst(2).split(separator: "/").reduce(document) { $0[String($1)] ?? .null }
    }

    private func isA(_ type: String, _ value: JSONValue) -> Bool {
        switch (type, value) {
        case ("null", .null), ("boolean", .bool), ("integer", .integer), ("number", .integer), ("number", .number),
            ("string", .string), ("array", .array), ("object", .object):
            true
        default: false
        }
    }
}
