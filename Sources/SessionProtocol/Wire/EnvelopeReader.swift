/// Reads what surrounds a call: the members of a JSON-RPC 2.0 request object, and nothing of the method's own.
///
/// The whole object is read before anything in it is judged, since a line that is no JSON is that and nothing else.
struct EnvelopeReader {
    private var version: JSONValue?
    private var id: JSONValue?
    /// Where the id stands in the line.
    private(set) var idRange: Range<Int>?
    private var method: JSONValue?
    private var params: JSONValue?
    private var isReply = false
    /// Members that mean nothing here; kept because repeating one is a fault.
    private var ignored: Set<String> = []

    /// Reads the object at the parser's position.
    init(_ parser: inout JSONParser, _ line: Span<UInt8>, level: Int) throws(JSONParseError) {
        try parser.object(line, level: level) { (parser, name, position) throws(JSONParseError) in
            let isNew: Bool
            switch name {
            case "jsonrpc": isNew = version == nil
            case "id": isNew = id == nil
            case "method": isNew = method == nil
            case "params": isNew = params == nil
            default: isNew = ignored.insert(name).inserted
            }
            guard isNew else { throw .duplicateKey(position: position) }
            let start = parser.position
            let value = try parser.value(line, level: level + 1)
            switch name {
            case "jsonrpc": version = value
            case "id":
                id = value
                idRange = start..<parser.position
            case "method": method = value
            case "params": params = value
            case "result", "error": isReply = true
            default: break
            }
        }
    }

    /// The request, or why it is none. Only faults of the params carry the request's id: before that it is no request.
    func entry(limits: Limits) -> ParsedLine.Entry {
        guard version == "2.0" else { return .invalid("jsonrpc must be \"2.0\"") }
        guard !isReply else { return .invalid("a request has neither result nor error") }
        guard let method = method?.stringValue else { return .invalid("method must be a string") }
        let requestID: RequestID?
        switch id {
        case nil: requestID = nil
        case .integer(let value): requestID = .integer(value)
        case .string(let value):
            guard value.utf8.count <= limits.maxIDBytes else {
                return .invalid("id must be at most \(limits.maxIDBytes) bytes", limit: limits.maxIDBytes)
            }
            requestID = .string(value)
        default: return .invalid("id must be a string or an integer")
        }
        switch paramsByName() {
        case .success(let params): return .request(Request(id: requestID, method: method, params: params))
        case .failure(let error):
            guard let requestID else { return .request(.unanswerable) }
            return .refused(error, id: requestID)
        }
    }

    private func paramsByName() -> Result<[String: JSONValue], RPCError> {
        switch params {
        case nil, .array([]): return .success([:])
        case .object(let members):
            // The least of the names, so that the same line always gets the same answer.
            guard let path = members.lazy.filter({ $0.value == .null }).map(\.key).min() else {
                return .success(members)
            }
            return .failure(
                .invalidParams(path: path.cut(toBytes: 128), expected: "a value; leave out what is not set"))
        default: return .failure(.invalidParams(path: "params", expected: "an object with the params by name"))
        }
    }
}

extension ParsedLine.Entry {
    fileprivate static func invalid(_ message: String, limit: Int? = nil) -> ParsedLine.Entry {
        .refused(.invalidRequest(message, limit: limit), id: nil)
    }

    /// An element that is no object.
    static let noObject = invalid("a request is an object")
}

extension Request {
    /// Stands for a notification whose params are unusable: nothing may be carried out, and JSON-RPC 2.0 (section 4.1)
    /// forbids an answer. No method has this name, so that the dispatcher refuses it, and drops the refusal.
    package static let unanswerable = Request(id: nil, method: "", params: [:])
}
