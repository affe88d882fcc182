import SessionProtocol

extension ConfigurationText {
    /// The file's one document; nil where it holds nothing but comments.
    func document() throws(ConfigurationProblem) -> YAMLNode? {
        let text = try checkedText()
        return try Array(text.utf8).withUnsafeBufferPointer { bytes throws(ConfigurationProblem) in
            var reader = try YAMLReader(file: path, text: text, bytes: bytes)
            return try reader.document()
        }
    }
}

/// Makes a document of events, and refuses what a configuration has no use for where it begins.
private struct YAMLReader: ~Copyable {
    /// The levels that a document may have. No configuration has more than six.
    private static let maximumDepth = 16
    /// `!` alone means what no tag at all does.
    private static let tags: Set = ["!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"]

    private let file: String
    private let text: String
    private var events: YAMLEvents

    init(file: String, text: String, bytes: UnsafeBufferPointer<UInt8>) throws(ConfigurationProblem) {
        self.file = file
        self.text = text
        do {
            events = try YAMLEvents(text: bytes)
        } catch {
            throw Self.problem(error, file: file, text: text)
        }
    }

    mutating func document() throws(ConfigurationProblem) -> YAMLNode? {
        // The start of the stream, and that of the document.
        _ = try next()
        if case .streamEnd = try next().kind { return nil }
        let document = try node(next(), depth: 1)
        // The end of the document.
        _ = try next()
        let after = try next()
        guard case .streamEnd = after.kind else {
            throw Self.problem(
                YAMLFault(
                    reason: "but found another document", context: ("expected a single document in the stream", 1),
                    position: after.position), file: file, text: text)
        }
        return document
    }

    private mutating func node(_ event: YAMLEvent, depth: Int) throws(ConfigurationProblem) -> YAMLNode {
        let position = event.position
        guard !event.hasAnchor else {
            throw refused(
                at: position, "YAML anchors and aliases are not read here",
                remedy: "write the value out where it is used")
        }
        guard depth <= Self.maximumDepth else {
            throw refused(
                at: position, "nested deeper than \(Self.maximumDepth) levels", remedy: "see docs/configuration.md")
        }
        if let tag = event.tag, !Self.tags.contains(tag) {
            throw refused(at: position, "YAML tags are not read here", remedy: "delete the tag")
        }
        switch event.kind {
        case .scalar(let text, let isPlain):
            return YAMLNode(position: position, value: .scalar(text, isPlain: isPlain))
        case .listStart:
            var elements: [YAMLNode] = []
            while true {
                let element = try next()
                if case .listEnd = element.kind { break }
                elements.append(try node(element, depth: depth + 1))
            }
            return YAMLNode(position: position, value: .list(elements))
        case .mappingStart:
            return YAMLNode(position: position, value: .mapping(try entries(depth: depth + 1)))
        case .alias:
            // What it could stand for would have an anchor, and have been refused.
            throw refused(
                at: position, "found undefined alias",
                remedy: "write the value out where it is used, or put a text that begins with * in quotes")
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .listEnd, .mappingEnd:
            throw refused(at: position, "not valid YAML", remedy: "see docs/configuration.md")
        }
    }

    /// A mapping's, to its end.
    private mutating func entries(depth: Int) throws(ConfigurationProblem) -> [YAMLNode.Entry] {
        var entries: [YAMLNode.Entry] = []
        while true {
            let event = try next()
            if case .mappingEnd = event.kind { break }
            let key = try node(event, depth: depth)
            guard case .scalar(let text, _) = key.value else {
                throw refused(at: key.position, "a key must be one word", remedy: "see docs/configuration.md")
            }
            let value = try node(next(), depth: depth)
            entries.append(YAMLNode.Entry(key: text, position: key.position, value: value))
        }
        let doubled = Dictionary(grouping: entries, by: \.key).values.filter { $0.count > 1 }.compactMap(\.first)
        if let first = doubled.min(by: { $0.key < $1.key }) {
            var problem = refused(
                at: first.position, "this key is there more than once in the same place", remedy: "keep one of them")
            problem.key = first.key.cut(toBytes: 64)
            throw problem
        }
        return entries
    }

    private mutating func next() throws(ConfigurationProblem) -> YAMLEvent {
        do {
            return try events.next()
        } catch {
            throw Self.problem(error, file: file, text: text)
        }
    }

    private borrowing func refused(
        at position: YAMLNode.Position, _ message: String, remedy: String
    ) -> ConfigurationProblem {
        ConfigurationProblem(
            file: file, line: position.line, column: position.column, message: message, remedy: remedy)
    }

    /// Says where and why, and nothing of the text itself: it may be a secret.
    private static func problem(_ fault: YAMLFault, file: String, text: String) -> ConfigurationProblem {
        guard let position = fault.position else {
            return ConfigurationProblem(
                file: file, message: fault.reason, remedy: "see docs/configuration.md for the shape of this file")
        }
        let context = fault.context.map { "\($0.text) in line \($0.line): " } ?? ""
        return ConfigurationProblem(
            file: file, line: position.line, column: position.column, message: context + fault.reason,
            remedy: remedy(reason: fault.reason, line: text.line(position.line)))
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
