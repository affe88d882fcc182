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
        text(1, from: Array("123456789")) + text(length - 1, from: Array("0123456789"))
    }

    mutating func number() -> Int64 {
        count += 1
        return Int64(seed) * 100_000 + Int64(count)
    }

    private mutating func text(_ length: Int, from alphabet: [Character]) -> String {
        var text = ""
        while text.count < length {
            count += 1
            let digest = SHA256.hash(data: Data("\(seed) \(count)".utf8))
            text += String(digest.map { alphabet[Int($0) % alphabet.count] })
        }
        return String(text.prefix(length))
    }
}
