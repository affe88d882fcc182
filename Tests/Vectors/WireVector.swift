import FoundationEssentials
package import SessionProtocol

/// Bytes of a client, and what the daemon answers to them without any state (wire-vectors.json says how to read it).
package struct WireVector: Sendable, CustomStringConvertible {
    package let name: String
    /// Everything that the client sends before it closes its sending side.
    package let send: [UInt8]
    /// Every reply, in no order. A reply that is an array is a batch's, its elements in no order either.
    package let expect: [JSONValue]
    /// The daemon closes before it has read everything.
    package let closes: Bool

    package var description: String { name }

    /// A vectors file that does not hold what it should.
    package struct Malformed: Error {
        package let vector: String
    }

    package static func all() throws -> [WireVector] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "wire-vectors.json")
        let document = try JSONValue.parse(Array(try Data(contentsOf: file)))
        guard let vectors = document["vectors"]?.arrayValue else { throw Malformed(vector: "vectors") }
        return try vectors.map(WireVector.init)
    }

    private init(_ json: JSONValue) throws {
        guard let name = json["name"]?.stringValue else { throw Malformed(vector: "without a name") }
        guard let send = json["send"].flatMap(Self.bytes), let expect = json["expect"]?.arrayValue else {
            throw Malformed(vector: name)
        }
        self.name = name
        self.send = send
        self.expect = expect
        closes = json["closes"]?.boolValue ?? false
    }

    private static func bytes(_ json: JSONValue) -> [UInt8]? {
        switch json {
        case .string(let text): return Array(text.utf8)
        case .array(let pieces):
            let parts = pieces.compactMap(bytes)
            return parts.count == pieces.count ? Array(parts.joined()) : nil
        default:
            if let text = json["repeat"]?.stringValue, let times = json["times"]?.integerValue {
                return Array(String(repeating: text, count: Int(times)).utf8)
            }
            guard let digits = json["hex"]?.stringValue else { return nil }
            let nibbles = digits.compactMap(\.hexDigitValue)
            guard nibbles.count == digits.count, nibbles.count.isMultiple(of: 2) else { return nil }
            return stride(from: 0, to: nibbles.count, by: 2).map { UInt8(nibbles[$0] << 4 | nibbles[$0 + 1]) }
        }
    }

    /// Whether these replies are the expected ones. Messages do not count, numbers are equal by value.
    package func isAnswered(by replies: [JSONValue]) -> Bool {
        Self.sameInAnyOrder(expect, replies) { expected, reply in
            guard case .array(let entries) = expected else { return Self.same(expected, reply) }
            guard case .array(let answers) = reply else { return false }
            return Self.sameInAnyOrder(entries, answers, Self.same)
        }
    }

    private static func sameInAnyOrder(
        _ expected: [JSONValue], _ actual: [JSONValue], _ same: (JSONValue, JSONValue) -> Bool
    ) -> Bool {
        var rest = actual
        for value in expected {
            guard let index = rest.firstIndex(where: { same(value, $0) }) else { return false }
            rest.remove(at: index)
        }
        return rest.isEmpty
    }

    private static func same(_ expected: JSONValue, _ actual: JSONValue) -> Bool {
        if let error = expected["error"] {
            guard var reply = actual.objectValue, var actualError = reply["error"]?.objectValue,
                actualError.removeValue(forKey: "message")?.stringValue != nil
            else { return false }
            if error["data"]?["expected"] == true, var data = actualError["data"]?.objectValue {
                guard data["expected"]?.stringValue != nil else { return false }
                data["expected"] = true
                actualError["data"] = .object(data)
            }
            reply["error"] = .object(actualError)
            return sameValue(expected, .object(reply))
        }
        return sameValue(expected, actual)
    }

    private static func sameValue(_ expected: JSONValue, _ actual: JSONValue) -> Bool {
        switch (expected, actual) {
        case (.object(let expected), .object(let actual)):
            return expected.count == actual.count
                && expected.allSatisfy { name, value in actual[name].map { sameValue(value, $0) } ?? false }
        case (.array(let expected), .array(let actual)):
            return expected.count == actual.count && zip(expected, actual).allSatisfy(sameValue)
        case (.number(let expected), .number(let actual)): return Double(expected) == Double(actual)
        case (.number(let expected), .integer(let actual)): return Double(expected) == Double(actual)
        case (.integer(let expected), .number(let actual)): return Double(expected) == Double(actual)
        default: return expected == actual
        }
    }
}
