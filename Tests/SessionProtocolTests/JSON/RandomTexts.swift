import SessionProtocol

/// Texts near the border of what is JSON: random values in odd spellings, and damaged copies of them.
struct RandomTexts {
    private var random: RandomJSON

    init(seed: Int) { random = RandomJSON(seed: 1000 + seed) }

    mutating func text() -> [UInt8] {
        var bytes = spelled(random.value())
        let mutations = [0, 0, 1, 1, 2, 4].randomElement(using: &random.generator) ?? 0
        for _ in 0..<mutations { mutate(&bytes) }
        // The questions go a text a line; an empty one has its own tests.
        return bytes.isEmpty ? [0x30] : bytes
    }

    private mutating func spelled(_ value: JSONValue) -> [UInt8] {
        switch value {
        case .array(let elements):
            var bytes: [UInt8] = space() + [UInt8(ascii: "[")]
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes += spelled(element)
            }
            return bytes + space() + [UInt8(ascii: "]")] + space()
        case .object(let members):
            var bytes: [UInt8] = space() + [UInt8(ascii: "{")]
            // Dictionaries have no order; the same seed must give the same text.
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes += space() + spelled(member.key) + space() + [UInt8(ascii: ":")] + spelled(member.value)
            }
            return bytes + space() + [UInt8(ascii: "}")] + space()
        case .string(let text): return space() + spelled(text) + space()
        default: return space() + value.encoded + space()
        }
    }

    /// Some characters as escapes, and now and then a lone surrogate or a cut escape.
    private mutating func spelled(_ text: String) -> [UInt8] {
        var spelled: [UInt8] = [UInt8(ascii: "\"")]
        for unit in text.utf16 where Int.random(in: 0..<4, using: &random.generator) == 0 || unit < 0x80 {
            if Int.random(in: 0..<3, using: &random.generator) == 0 {
                let digits = String(unit, radix: 16, uppercase: Bool.random(using: &random.generator))
                spelled += Array("\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
            } else {
                let whole = JSONValue.string(String(decoding: [unit], as: UTF16.self)).encoded
                spelled += whole[1..<(whole.count - 1)]
            }
        }
        if Int.random(in: 0..<3, using: &random.generator) > 0 {
            let whole = JSONValue.string(text).encoded
            spelled += whole[1..<(whole.count - 1)]
        }
        return spelled + [UInt8(ascii: "\"")]
    }

    private mutating func space() -> [UInt8] {
        guard Int.random(in: 0..<4, using: &random.generator) == 0 else { return [] }
        return [[0x20], [0x09], [0x0D], [0x0A], [0x20, 0x0A]].randomElement(using: &random.generator) ?? []
    }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let index = Int.random(in: 0..<bytes.count, using: &random.generator)
        let tokens = [
            ",", ":", "\"", "\\", "[", "]", "{", "}", "0", "-", ".", "e5", "1e400", "null", "NaN", "\\u0061", "\\ud800",
            "\u{FEFF}", "\n", "\u{0}", "9007199254740992", "99999999999999999999", "\"a\":1,", "//", "é", "\u{7F}",
            String(repeating: "\u{301}", count: 200), String(repeating: "\\u0f73", count: 100),
        ]
        switch Int.random(in: 0..<6, using: &random.generator) {
        case 0: bytes.remove(at: index)
        case 1: bytes[index] = UInt8.random(in: 0...255, using: &random.generator)
        case 2: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random.generator)
        case 3: bytes.insert(contentsOf: Array((tokens.randomElement(using: &random.generator) ?? ",").utf8), at: index)
        case 4: bytes.removeSubrange(index...)
        default:
            let end = Int.random(in: index...bytes.count, using: &random.generator)
            bytes.insert(contentsOf: Array(bytes[index..<end]), at: index)
        }
    }
}
