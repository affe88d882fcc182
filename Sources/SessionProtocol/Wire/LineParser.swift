/// Turns one line of a client into what the server acts on (docs/protocol.md, sections 1 and 2).
///
/// Where a line has several faults, the first lexical fault from left to right counts; where it has none, what is wrong
/// with the batch as a whole; then each request is judged for itself.
package enum LineParser {
    /// As many as text in any language needs (UAX #15, section 13).
    private static let maxMarksInARow = 30

    /// `line` comes without its line feed. A carriage return at its end is space like any other.
    package static func parse(_ line: Span<UInt8>, limits: Limits) -> ParsedLine {
        var idRange: Range<Int>?
        return parse(line, limits: limits, idRange: &idRange)
    }

    /// The same, and where in the line the id of a single request stands; nil where there is none.
    package static func parse(_ line: Span<UInt8>, limits: Limits, idRange: inout Range<Int>?) -> ParsedLine {
        idRange = nil
        var parser = JSONParser(
            bounds: JSONParser.Bounds(
                maxDepth: limits.maxDepth, maxValues: limits.maxValues, numbers: .interoperable,
                maxMarksInARow: maxMarksInARow))
        parser.skipSpace(line)
        guard parser.position < line.count else { return .blank }
        do {
            switch line[parser.position] {
            case UInt8(ascii: "{"):
                let envelope = try EnvelopeReader(&parser, line, level: 1)
                try parser.end(line)
                idRange = envelope.idRange
                return .single(envelope.entry(limits: limits))
            case UInt8(ascii: "["):
                let entries = try entries(&parser, line, limits: limits)
                try parser.end(line)
                return batch(entries, limits: limits)
            default:
                _ = try parser.value(line, level: 1)
                try parser.end(line)
                return .refused(.invalidRequest("a line is an object or an array of them"), isLexical: true)
            }
        } catch {
            return .refused(error.rpc, isLexical: true)
        }
    }

    private static func entries(
        _ parser: inout JSONParser, _ line: Span<UInt8>, limits: Limits
    ) throws(JSONParseError) -> [ParsedLine.Entry] {
        var entries: [ParsedLine.Entry] = []
        try parser.array(line, level: 1) { (parser) throws(JSONParseError) in
            guard parser.position < line.count, line[parser.position] == UInt8(ascii: "{") else {
                _ = try parser.value(line, level: 2)
                entries.append(.noObject)
                return
            }
            entries.append(try EnvelopeReader(&parser, line, level: 2).entry(limits: limits))
        }
        return entries
    }

    private static func batch(_ entries: [ParsedLine.Entry], limits: Limits) -> ParsedLine {
        guard !entries.isEmpty else { return .refused(.invalidRequest("the batch is empty"), isLexical: false) }
        guard entries.count <= limits.maxBatch else {
            let message = "a batch has at most \(limits.maxBatch) requests"
            return .refused(.invalidRequest(message, limit: limits.maxBatch), isLexical: false)
        }
        var ids: Set<RequestID> = []
        var hasRepeatedID = false
        for entry in entries {
            let id: RequestID?
            switch entry {
            case .request(let request):
                guard request.method != "session.watch" else {
                    return .refused(.invalidRequest("session.watch cannot be in a batch"), isLexical: false)
                }
                id = request.id
            case .refused(_, let refusedID): id = refusedID
            }
            if let id, !ids.insert(id).inserted { hasRepeatedID = true }
        }
        return hasRepeatedID ? .refused(.duplicateID, isLexical: false) : .batch(entries)
    }
}

extension JSONParseError {
    /// How the socket reports it.
    fileprivate var rpc: RPCError {
        switch self {
        case .notJSON(let position): .parseError(position: position)
        case .duplicateKey: .duplicateKey
        case .tooDeep(let limit): .tooDeep(limit: limit)
        case .tooManyValues(let limit): .tooManyValues(limit: limit)
        case .tooManyMarks(let limit, _):
            .invalidRequest("a string has more than \(limit) combining marks in a row", limit: limit)
        case .numberOutOfRange:
            .invalidRequest("a number is out of range; integers lie within plus or minus 9007199254740991")
        }
    }
}
