import SessionProtocol

/// The least that a server must do with parsed lines: answers `server.ping`, knows no other method, keeps no state.
struct ModelServer {
    private let limits = Limits()
    private var framer: LineFramer
    private var badLines = 0
    private(set) var output = JSONWriter()
    private(set) var isClosed = false

    init() { framer = LineFramer(maxBytes: Limits().maxRequestBytes) }

    mutating func receive(_ bytes: Span<UInt8>) {
        var position = 0
        while !isClosed {
            let limits = limits
            switch framer.nextLine(in: bytes, from: &position, { LineParser.parse($0, limits: limits) }) {
            case .needsBytes: return
            case .line(let line): answer(line)
            case .lineTooLong:
                reply(.refused(.lineTooLong(limit: limits.maxRequestBytes), id: nil))
                isClosed = true
            }
        }
    }

    private mutating func answer(_ line: ParsedLine) {
        switch line {
        case .blank: return
        case .single(let entry):
            badLines = 0
            reply(entry)
        case .batch(let entries):
            badLines = 0
            let answers = entries.compactMap(answer)
            if !answers.isEmpty { write(.array(answers)) }
        case .refused(let error, let isLexical):
            badLines = isLexical ? badLines + 1 : 0
            isClosed = badLines == limits.maxBadLines
            reply(.refused(error, id: nil))
        }
    }

    private mutating func reply(_ entry: ParsedLine.Entry) {
        if let answer = answer(entry) { write(answer) }
    }

    private mutating func write(_ value: JSONValue) {
        output.value(value)
        output.lineFeed()
    }

    private func answer(_ entry: ParsedLine.Entry) -> JSONValue? {
        switch entry {
        case .refused(let error, let id): return ["jsonrpc": "2.0", "id": id.json, "error": error.json]
        case .request(let request):
            guard request.id != nil else { return nil }
            guard request.method == "server.ping" else {
                return ["jsonrpc": "2.0", "id": request.id.json, "error": RPCError.methodNotFound(request.method).json]
            }
            return ["jsonrpc": "2.0", "id": request.id.json, "result": .object(request.params)]
        }
    }
}

extension RequestID? {
    fileprivate var json: JSONValue {
        switch self {
        case nil: nil
        case .string(let id): .string(id)
        case .integer(let id): .integer(id)
        }
    }
}
