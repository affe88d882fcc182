import SessionProtocol
import Yams

extension ConfigurationText {
    /// The file's one document; nil where it holds nothing but comments.
    func document() throws(ConfigurationProblem) -> YAMLNode? {
        let text = try checkedText()
        do {
            // The basic resolver takes every scalar for text: what it means is for the decoder to say, by its key.
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            // Nodes hold their anchors weakly, the parser holds them.
            return try withExtendedLifetime(parser) { try parser.singleRoot().map { try reduced($0, depth: 1) } }
        } catch let problem as ConfigurationProblem {
            throw problem
        } catch let error as YamlError {
            throw problem(error, in: text)
        } catch {
            throw ConfigurationProblem(file: path, message: "\(error)", remedy: "see docs/configuration.md")
        }
    }

    private func reduced(_ node: Node, depth: Int) throws(ConfigurationProblem) -> YAMLNode {
        let position = YAMLNode.Position(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
        func refused(_ message: String, remedy: String) -> ConfigurationProblem {
            ConfigurationProblem(
                file: path, line: position.line, column: position.column, message: message, remedy: remedy)
        }
        guard node.anchor == nil else {
            throw refused(
                "YAML anchors and aliases are not read here", remedy: "write the value out where it is used")
        }
        guard depth <= 16 else { throw refused("nested deeper than 16 levels", remedy: "see docs/configuration.md") }
        guard [Tag.Name.str, .seq, .map].map(\.rawValue).contains(node.tag.rawValue) else {
            throw refused("YAML tags are not read here", remedy: "delete the tag")
        }
        switch node {
        case .scalar(let scalar):
            return YAMLNode(position: position, value: .scalar(scalar.string, isPlain: scalar.style == .plain))
        case .sequence(let sequence):
            var elements: [YAMLNode] = []
            for element in sequence { elements.append(try reduced(element, depth: depth + 1)) }
            return YAMLNode(position: position, value: .list(elements))
        case .mapping(let mapping):
            var entries: [YAMLNode.Entry] = []
            for (key, value) in mapping {
                let name = try reduced(key, depth: depth + 1)
                guard case .scalar(let text, _) = name.value else {
                    throw refused("a key must be one word", remedy: "see docs/configuration.md")
                }
                let value = try reduced(value, depth: depth + 1)
                entries.append(YAMLNode.Entry(key: text, position: name.position, value: value))
            }
            return YAMLNode(position: position, value: .mapping(entries))
        case .alias:
            throw refused("YAML aliases are not read here", remedy: "write the value out where it is used")
        }
    }

    /// Says where and why, and nothing of the text itself: it may be a secret.
    private func problem(_ error: YamlError, in text: String) -> ConfigurationProblem {
        var problem = ConfigurationProblem(
            file: path, message: "not valid YAML", remedy: "see docs/configuration.md for the shape of this file")
        switch error {
        case .scanner(let context, let reason, let mark, _), .parser(let context, let reason, let mark, _),
            .composer(let context, let reason, let mark, _):
            problem.line = mark.line
            problem.column = mark.column
            problem.message = (context.map { "\($0.text) in line \($0.mark.line): " } ?? "") + reason
            problem.remedy = Self.remedy(reason: reason, line: text.line(mark.line))
        case .duplicatedKeysInMapping(let names, let context):
            problem.line = context.mark.line
            problem.column = context.mark.column
            problem.key = names.first?.cut(toBytes: 64)
            problem.message = "this key is there more than once in the same place"
            problem.remedy = "keep one of them"
        default: break
        }
        return problem
    }

    private static func remedy(reason: String, line: Substring) -> String {
        if line.prefix(while: { $0 == " " || $0 == "\t" }).contains("\t") { return "indent with spaces, not tabs" }
        if reason.contains("another document") { return "keep one document a file: delete the line ---" }
        if reason.contains("mapping values are not allowed") {
            return "check the indentation, and put a text that holds `: ` in quotes"
        }
        return "check the indentation and the quotes around here"
    }
}

extension String {
    /// The line of that number, from 1; empty where there is none.
    fileprivate func line(_ number: Int) -> Substring {
        split(separator: "\n", maxSplits: max(0, number), omittingEmptySubsequences: false)
            .dropFirst(max(0, number - 1)).first ?? ""
    }
}
