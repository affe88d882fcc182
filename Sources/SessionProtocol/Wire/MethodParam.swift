/// One named param of a method, or one member of an object param.
package struct MethodParam: Sendable, Hashable {
    package let name: String
    package let type: ParamType
    package let isRequired: Bool
    package let summary: String
    /// A credential: never shown, never logged.
    package let isSensitive: Bool

    package init(_ name: String, _ type: ParamType, required: Bool = false, sensitive: Bool = false, _ summary: String)
    {
        self.name = name
        self.type = type
        self.isRequired = required
        self.isSensitive = sensitive
        self.summary = summary
    }
}

/// What a param may be.
package indirect enum ParamType: Sendable, Hashable {
    /// The length is in bytes of UTF-8.
    case string(ClosedRange<Int>)
    case integer(ClosedRange<Int64>)
    case boolean
    /// One of these strings.
    case word([String])
    /// An object with these members and no others.
    case object([MethodParam])
    /// An object with any members.
    case anyObject
    /// An object whose members are all of one type.
    case map(ParamType)
    case array(ParamType, count: ClosedRange<Int>)
    /// What a client may call its request.
    case requestID
    case either(ParamType, ParamType)

    /// A string of at least one byte, no longer than a request line.
    package static let text = ParamType.string(1...65_536)
    /// A name that somebody chose: a profile, a method, an id.
    package static let name = ParamType.string(1...128)
    package static let revision = ParamType.integer(0...9_007_199_254_740_991)
}

extension ParamType {
    /// Throws `invalidParams` that names the first place where `value` is not of this type.
    package func check(_ value: JSONValue, path: String) throws(RPCError) {
        switch (self, value) {
        case (.string(let length), .string(let text)) where length.contains(text.utf8.count): return
        case (.integer(let range), .integer(let number)) where range.contains(number): return
        case (.boolean, .bool), (.anyObject, .object): return
        case (.word(let words), .string(let text)) where words.contains(text): return
        case (.object(let members), .object(let values)): return try Self.check(values, against: members, path: path)
        case (.map(let type), .object(let values)):
            for (name, value) in values { try type.check(value, path: "\(path).\(name.cut(toBytes: 128))") }
        case (.array(let type, let count), .array(let elements)) where count.contains(elements.count):
            for (index, element) in elements.enumerated() { try type.check(element, path: "\(path)[\(index)]") }
        case (.requestID, .integer): return
        case (.requestID, .string(let text)) where text.utf8.count <= 128: return
        case (.either(let first, let second), _):
            guard first.accepts(value) || second.accepts(value) else { throw invalid(path) }
        default: throw invalid(path)
        }
    }

    /// Checks the members of an object: none unknown, all required ones there, each of its type.
    package static func check(
        _ values: [String: JSONValue], against members: [MethodParam], path: String? = nil
    ) throws(RPCError) {
        let prefix = path.map { "\($0)." } ?? ""
        var known = 0
        for member in members where values[member.name] != nil { known += 1 }
        if known < values.count {
            let names = Set(members.map(\.name))
            throw .unknownParams(values.keys.filter { !names.contains($0) }.map { prefix + $0 })
        }
        for member in members {
            if let value = values[member.name] {
                try member.type.check(value, path: prefix + member.name)
            } else if member.isRequired {
                throw .invalidParams(path: prefix + member.name, expected: member.type.expected)
            }
        }
    }

    private func accepts(_ value: JSONValue) -> Bool {
        do {
            try check(value, path: "")
            return true
        } catch {
            return false
        }
    }

    private func invalid(_ path: String) -> RPCError { .invalidParams(path: path, expected: expected) }

    /// What to write in words, for `data.expected`.
    package var expected: String {
        switch self {
        case .string(let length): "a string of \(length.lowerBound) to \(length.upperBound) bytes"
        case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
        case .boolean: "true or false"
        case .word(let words): "one of \(words.joined(separator: ", "))"
        case .object(let members): "an object of \(members.map(\.name).joined(separator: ", "))"
        case .anyObject: "an object"
        case .map(let type): "an object whose members are each \(type.expected)"
        case .array(let type, let count):
            "an array of \(count.lowerBound) to \(count.upperBound), each \(type.expected)"
        case .requestID: "a request's id: an integer or a string"
        case .either(let first, let second): "\(first.expected), or \(second.expected)"
        }
    }
}
