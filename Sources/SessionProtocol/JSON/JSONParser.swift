/// Reads JSON (RFC 8259) in one pass and strictly: what another reader might take differently is refused.
///
/// Refused beside what the RFC excludes: a byte order mark, a repeated member, a lone surrogate. Member names that
/// Unicode holds equivalent (`é` as one scalar or two) count as the same, since a `JSONValue` cannot keep both.
package struct JSONParser {
    /// How much a text may hold, and which numbers.
    package struct Bounds: Sendable, Hashable {
        /// The deepest nesting; the top level is level 1, scalars have no level of their own.
        package var maxDepth: Int
        /// Values in the text, containers included, member names not.
        package var maxValues: Int
        package var numbers: Numbers
        /// Combining marks in a row, in names and strings. Comparing and hashing a `String` takes time that grows with
        /// the square of such a run: 64 KiB of marks keep a core busy for a second. UAX #15 ("stream-safe text") holds
        /// that no writing system needs more than 30.
        package var maxMarksInARow: Int
        /// Whether an escaped half of a surrogate pair is read as U+FFFD instead of being refused: services that cut a
        /// text inside an emoji write one.
        package var replacesLoneSurrogates = false

        package init(maxDepth: Int, maxValues: Int, numbers: Numbers, maxMarksInARow: Int = 256) {
            self.maxDepth = maxDepth
            self.maxValues = maxValues
            self.numbers = numbers
            self.maxMarksInARow = maxMarksInARow
        }
    }

    package enum Numbers: Sendable, Hashable {
        /// Integers within ±(2^53−1), other numbers within a double's range: what every client can hold.
        case interoperable
        /// Any number. What does not fit `Int64` keeps its spelling.
        case any
    }

    /// The next byte to read.
    package internal(set) var position = 0
    let bounds: Bounds
    private var values = 0
    /// Holds a string with escapes while it is put together.
    var unescaped: [UInt8] = []
    /// Whether the string at hand may hold combining marks.
    var mayHaveMarks = false

    package init(bounds: Bounds) {
        self.bounds = bounds
    }

    /// The value of a whole text.
    package static func parse(_ text: Span<UInt8>, bounds: Bounds) throws(JSONParseError) -> JSONValue {
        var parser = JSONParser(bounds: bounds)
        parser.skipSpace(text)
        let value = try parser.value(text, level: 1)
        try parser.end(text)
        return value
    }

    /// Reads the value at the position. `level` is the nesting level that it has if it is a container.
    package mutating func value(_ text: Span<UInt8>, level: Int) throws(JSONParseError) -> JSONValue {
        guard position < text.count else { throw .notJSON(position: position) }
        switch text[position] {
        case UInt8(ascii: "{"):
            var members: [String: JSONValue] = [:]
            try object(text, level: level) { (parser, name, namePosition) throws(JSONParseError) in
                guard members[name] == nil else { throw .duplicateKey(position: namePosition) }
                members[name] = try parser.value(text, level: level + 1)
            }
            return .object(members)
        case UInt8(ascii: "["):
            var elements: [JSONValue] = []
            try array(text, level: level) { (parser) throws(JSONParseError) in
                elements.append(try parser.value(text, level: level + 1))
            }
            return .array(elements)
        case UInt8(ascii: "\""):
            try count()
            return .string(try string(text))
        case UInt8(ascii: "t"): return try literal("true", .bool(true), text)
        case UInt8(ascii: "f"): return try literal("false", .bool(false), text)
        case UInt8(ascii: "n"): return try literal("null", .null, text)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try count()
            return try number(text)
        default: throw .notJSON(position: position)
        }
    }

    /// Reads the object at the position. `member` reads each member's value and is told its name and where that began;
    /// repeated names are its business.
    package mutating func object(
        _ text: Span<UInt8>, level: Int,
        _ member: (inout JSONParser, String, Int) throws(JSONParseError) -> Void
    ) throws(JSONParseError) {
        try enter(level: level)
        skipSpace(text)
        if take(UInt8(ascii: "}"), text) { return }
        while true {
            let namePosition = position
            guard position < text.count, text[position] == UInt8(ascii: "\"") else {
                throw .notJSON(position: position)
            }
            let name = try string(text)
            skipSpace(text)
            guard take(UInt8(ascii: ":"), text) else { throw .notJSON(position: position) }
            skipSpace(text)
            try member(&self, name, namePosition)
            skipSpace(text)
            if take(UInt8(ascii: "}"), text) { return }
            guard take(UInt8(ascii: ","), text) else { throw .notJSON(position: position) }
            skipSpace(text)
        }
    }

    /// Reads the array at the position. `element` reads each element.
    package mutating func array(
        _ text: Span<UInt8>, level: Int, _ element: (inout JSONParser) throws(JSONParseError) -> Void
    ) throws(JSONParseError) {
        try enter(level: level)
        skipSpace(text)
        if take(UInt8(ascii: "]"), text) { return }
        while true {
            try element(&self)
            skipSpace(text)
            if take(UInt8(ascii: "]"), text) { return }
            guard take(UInt8(ascii: ","), text) else { throw .notJSON(position: position) }
            skipSpace(text)
        }
    }

    /// Makes sure that nothing but space follows.
    package mutating func end(_ text: Span<UInt8>) throws(JSONParseError) {
        skipSpace(text)
        guard position == text.count else { throw .notJSON(position: position) }
    }

    package mutating func skipSpace(_ text: Span<UInt8>) {
        while position < text.count {
            switch text[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func enter(level: Int) throws(JSONParseError) {
        guard level <= bounds.maxDepth else { throw .tooDeep(limit: bounds.maxDepth) }
        try count()
        position += 1
    }

    private mutating func count() throws(JSONParseError) {
        values += 1
        guard values <= bounds.maxValues else { throw .tooManyValues(limit: bounds.maxValues) }
    }

    private mutating func take(_ byte: UInt8, _ text: Span<UInt8>) -> Bool {
        guard position < text.count, text[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func literal(
        _ spelling: StaticString, _ value: JSONValue, _ text: Span<UInt8>
    ) throws(JSONParseError) -> JSONValue {
        try count()
        for index in 0..<spelling.utf8CodeUnitCount {
            guard position < text.count, text[position] == spelling.utf8Start[index] else {
                throw .notJSON(position: position)
            }
            position += 1
        }
        return value
    }
}
