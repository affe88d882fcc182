import Crypto
import FoundationEssentials

/// Makes ids, keys and codes one after another: equal seeds give equal rows, different ones share nothing.
struct FakeIDs {
    private let seed: UInt32
    private var count: UInt64 = 0

    init(seed: UInt32) {
        self.seed = seed
    }

    /// Of lower-case letters and digits.
    mutating func alphanumerics(_ length: Int) -> String {
        text(length, from: Array("abcdefghijklmnopqrstuvwxyz0123456789"))
    }

    mutating func hexadecimals(_ length: Int) -> String {
        text(length, from: Array("0123456789abcdef"))
    }

    /// The first is no zero.
    mutating func digits(_ length: Int) -> String {
        text(1, from: Array("123456789")) + numerals(length - 1)
    }

    /// The first may be a zero.
    mutating func numerals(_ length: Int) -> String {
        text(length, from: Array("0123456789"))
    }

    mutating func number() -> Int64 {
        count += 1
        return Int64(seed) * 100_000 + Int64(count)
    }

    /// Later ones sort behind earlier ones.
    mutating func uuid() -> String {
        count += 1
        return "\(hexadecimal(UInt64(seed), 8))-0000-4000-8000-\(hexadecimal(count, 12))"
    }

    /// 32 bytes.
    mutating func bytes() -> [UInt8] {
        count += 1
        return Array(SHA256.hash(data: Data("\(seed) \(count)".utf8)))
    }

    private mutating func text(_ length: Int, from alphabet: [Character]) -> String {
        var text = ""
        while text.count < length {
            text += String(bytes().map { alphabet[Int($0) % alphabet.count] })
        }
        return String(text.prefix(length))
    }

    private func hexadecimal(_ value: UInt64, _ width: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
