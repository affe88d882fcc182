extension JSONParser {
    private static let interoperableIntegers: ClosedRange<Int64> = -(1 << 53 - 1)...(1 << 53 - 1)

    /// Whether the text is one JSON number and nothing else.
    static func isNumber(_ text: String) -> Bool {
        let bytes = text.utf8.span
        guard !bytes.isEmpty else { return false }
        var parser = JSONParser(bounds: Bounds(maxDepth: 0, maxValues: 1, numbers: .any))
        do {
            _ = try parser.number(bytes)
            return parser.position == bytes.count
        } catch {
            return false
        }
    }

    /// Reads the number at the position.
    mutating func number(_ text: Span<UInt8>) throws(JSONParseError) -> JSONValue {
        let start = position
        let isNegative = text[position] == UInt8(ascii: "-")
        if isNegative { position += 1 }
        let magnitude = try integerPart(text)
        var isInteger = true
        if position < text.count, text[position] == UInt8(ascii: ".") {
            position += 1
            isInteger = false
            try digits(text)
        }
        if position < text.count, text[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            isInteger = false
            if position < text.count, text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-") {
                position += 1
            }
            try digits(text)
        }
        let value = isInteger ? integer(magnitude, isNegative: isNegative) : nil
        switch bounds.numbers {
        case .any:
            if let value { return .integer(value) }
            return .number(try plainString(text, start..<position))
        case .interoperable:
            if isInteger {
                guard let value, Self.interoperableIntegers.contains(value) else {
                    throw .numberOutOfRange(position: start)
                }
                return .integer(value)
            }
            let spelling = try plainString(text, start..<position)
            guard let double = Double(spelling), double.isFinite else { throw .numberOutOfRange(position: start) }
            return .number(spelling)
        }
    }

    /// The digits before a fraction: 0, or no leading zero. nil where they are beyond 64 bits.
    private mutating func integerPart(_ text: Span<UInt8>) throws(JSONParseError) -> UInt64? {
        guard position < text.count, let first = digit(text[position]) else { throw .notJSON(position: position) }
        position += 1
        guard first != 0 else { return 0 }
        var magnitude: UInt64? = first
        while position < text.count, let next = digit(text[position]) {
            position += 1
            guard let sum = magnitude else { continue }
            let (shifted, overflowed) = sum.multipliedReportingOverflow(by: 10)
            let (total, carried) = shifted.addingReportingOverflow(next)
            magnitude = overflowed || carried ? nil : total
        }
        return magnitude
    }

    private mutating func digits(_ text: Span<UInt8>) throws(JSONParseError) {
        let start = position
        while position < text.count, digit(text[position]) != nil { position += 1 }
        guard position > start else { throw .notJSON(position: position) }
    }

    private func digit(_ byte: UInt8) -> UInt64? {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? UInt64(byte - UInt8(ascii: "0")) : nil
    }

    private func integer(_ magnitude: UInt64?, isNegative: Bool) -> Int64? {
        guard let magnitude else { return nil }
        guard isNegative else { return Int64(exactly: magnitude) }
        return magnitude == Int64.min.magnitude ? Int64.min : Int64(exactly: magnitude).map(-)
    }
}
