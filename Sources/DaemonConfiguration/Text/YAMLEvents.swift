import CYaml

/// One step of a YAML stream.
struct YAMLEvent {
    enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd, alias, listStart, listEnd, mappingStart, mappingEnd
        case scalar(String, isPlain: Bool)
    }

    var kind: Kind
    /// Where it begins.
    var position: YAMLNode.Position
    var hasAnchor = false
    /// As written, with its handle resolved; nil where none is, which is what nearly everybody writes.
    var tag: String?
}

/// Why a text is no YAML, in words of libyaml's, which quote nothing of the text.
struct YAMLFault: Error {
    var reason: String
    /// What libyaml was at, and the line in which that began.
    var context: (text: String, line: Int)?
    var position: YAMLNode.Position?
}

/// The events of a text, by libyaml: one after the other, so that what is refused is refused before more is read.
struct YAMLEvents: ~Copyable {
    /// Has an address of its own because libyaml keeps a pointer from the parser to itself.
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    /// `text` is UTF-8, and stays where it is for as long as events are asked for.
    init(text: UnsafeBufferPointer<UInt8>) throws(YAMLFault) {
        parser = .allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            throw YAMLFault(reason: "not enough memory")
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, text.baseAddress, text.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// Asked for once more after `streamEnd`, it is that of the end again.
    mutating func next() throws(YAMLFault) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw fault() }
        defer { yaml_event_delete(&event) }
        let position = YAMLNode.Position(event.start_mark)
        switch event.type {
        case YAML_STREAM_START_EVENT: return YAMLEvent(kind: .streamStart, position: position)
        // Nothing at all is what libyaml answers with after the end.
        case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return YAMLEvent(kind: .streamEnd, position: position)
        case YAML_DOCUMENT_START_EVENT: return YAMLEvent(kind: .documentStart, position: position)
        case YAML_DOCUMENT_END_EVENT: return YAMLEvent(kind: .documentEnd, position: position)
        case YAML_ALIAS_EVENT: return YAMLEvent(kind: .alias, position: position)
        case YAML_SEQUENCE_END_EVENT: return YAMLEvent(kind: .listEnd, position: position)
        case YAML_MAPPING_END_EVENT: return YAMLEvent(kind: .mappingEnd, position: position)
        case YAML_SEQUENCE_START_EVENT:
            let list = event.data.sequence_start
            return YAMLEvent(
                kind: .listStart, position: position, hasAnchor: list.anchor != nil, tag: Self.text(list.tag))
        case YAML_MAPPING_START_EVENT:
            let mapping = event.data.mapping_start
            return YAMLEvent(
                kind: .mappingStart, position: position, hasAnchor: mapping.anchor != nil, tag: Self.text(mapping.tag))
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw YAMLFault(reason: "not UTF-8", position: position)
            }
            return YAMLEvent(
                kind: .scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE), position: position,
                hasAnchor: scalar.anchor != nil, tag: Self.text(scalar.tag))
        default: throw YAMLFault(reason: "an event that is not known here", position: position)
        }
    }

    private static func text(_ start: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        start.map { String(cString: $0) }
    }

    private func fault() -> YAMLFault {
        let parser = parser.pointee
        switch parser.error {
        case YAML_SCANNER_ERROR, YAML_PARSER_ERROR:
            return YAMLFault(
                reason: parser.problem.map { String(cString: $0) } ?? "not valid YAML",
                context: parser.context.map { (String(cString: $0), YAMLNode.Position(parser.context_mark).line) },
                position: YAMLNode.Position(parser.problem_mark))
        case YAML_MEMORY_ERROR: return YAMLFault(reason: "not enough memory")
        // The reader's, of which libyaml tells no line.
        default: return YAMLFault(reason: "not valid YAML")
        }
    }
}

extension YAMLNode.Position {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: mark.line + 1, column: mark.column + 1)
    }
}
