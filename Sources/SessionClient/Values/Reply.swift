import SessionProtocol

/// Reads the members of a result. What is missing or of another type is `malformedReply`, named by method and member.
struct Reply {
    let method: String
    let json: JSONValue

    func malformed(_ member: String) -> SessionError { .malformedReply("the answer to \(method) has no \(member)") }

    func required<Value>(_ member: String, _ read: (JSONValue) -> Value?) throws(SessionError) -> Value {
        guard let value = json[member].flatMap(read) else { throw malformed(member) }
        return value
    }

    func string(_ member: String) throws(SessionError) -> String { try required(member, \.stringValue) }
    func integer(_ member: String) throws(SessionError) -> Int64 { try required(member, \.integerValue) }
    func bool(_ member: String) throws(SessionError) -> Bool { try required(member, \.boolValue) }
    func snapshot(_ member: String) throws(SessionError) -> Snapshot { try required(member, Snapshot.init(json:)) }

    func array<Element>(
        _ member: String, _ read: (Reply) throws(SessionError) -> Element
    ) throws(SessionError) -> [Element] {
        var elements: [Element] = []
        for element in try required(member, \.arrayValue) {
            elements.append(try read(Reply(method: method, json: element)))
        }
        return elements
    }

    /// The result itself as a snapshot.
    func snapshot() throws(SessionError) -> Snapshot {
        guard let snapshot = Snapshot(json: json) else { throw malformed("snapshot") }
        return snapshot
    }

    /// The result itself as an object.
    func objectInfo() throws(SessionError) -> ObjectInfo {
        guard let info = ObjectInfo(json: json) else { throw malformed("object") }
        return info
    }
}
