import SessionProtocol

/// SplitMix64: the same seed gives the same numbers everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Values and texts that nobody would think of.
struct RandomJSON {
    var generator: SeededGenerator

    init(seed: Int) { generator = SeededGenerator(seed: UInt64(seed)) }

    mutating func value(depth: Int = 0) -> JSONValue {
        switch Int.random(in: 0..<(depth < 5 ? 9 : 6), using: &generator) {
        case 0: return nil
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .integer(integer())
        case 3: return .number(number())
        case 4, 5: return .string(string())
        case 6, 7: return .array((0..<Int.random(in: 0...5, using: &generator)).map { _ in value(depth: depth + 1) })
        default:
            var members: [String: JSONValue] = [:]
            for _ in 0..<Int.random(in: 0...5, using: &generator) { members[string()] = value(depth: depth + 1) }
            return .object(members)
        }
    }

    mutating func integer() -> Int64 {
        let edges: [Int64] = [0, 1, -1, .max, .min, 1 << 53, 1 << 53 - 1, -(1 << 53), 10, 99, 100]
        guard Bool.random(using: &generator) else { return edges.randomElement(using: &generator) ?? 0 }
        return Int64.random(in: .min ... .max, using: &generator) >> Int64.random(in: 0...63, using: &generator)
    }

    /// A number that is no `Int64`, spelled as no writer of numbers would.
    mutating func number() -> String {
        func digits(_ count: ClosedRange<Int>, _ generator: inout SeededGenerator) -> String {
            (0..<Int.random(in: count, using: &generator)).map { _ in
                String(Int.random(in: 0...9, using: &generator))
            }.joined()
        }
        var text = Bool.random(using: &generator) ? "-" : ""
        text += Bool.random(using: &generator) ? "0" : "\(Int.random(in: 1...9, using: &generator))"
        let kind = Int.random(in: 0..<3, using: &generator)
        if kind != 1 { text += "." + digits(1...20, &generator) }
        if kind != 0 {
            text += ["e", "E", "e+", "E-"].randomElement(using: &generator) ?? "e"
            text += digits(1...3, &generator)
        }
        return text
    }

    mutating func string() -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...12, using: &generator) { text.append(scalar()) }
        return String(text)
    }

    private mutating func scalar() -> Unicode.Scalar {
        let ranges: [ClosedRange<UInt32>] = [
            0x20...0x7E, 0x20...0x7E, 0...0x7F, 0x80...0x7FF, 0x800...0xD7FF, 0xE000...0xFFFF, 0x1_0000...0x10_FFFF,
            0x22...0x22, 0x5C...0x5C, 0x301...0x301, 0x2028...0x2029,
        ]
        let range = ranges.randomElement(using: &generator) ?? 0x20...0x7E
        return Unicode.Scalar(UInt32.random(in: range, using: &generator)) ?? "x"
    }
}
