import Crypto
import FoundationEssentials

/// Makes ids and tokens in the service's shapes, one after another: equal seeds give equal rows.
struct StytchIDs {
    let seed: UInt32
    private var count: UInt64 = 0

    init(seed: UInt32) {
        self.seed = seed
    }

    /// `prefix-test-<uuid>`.
    mutating func id(_ prefix: String) -> String {
        "\(prefix)-test-\(uuid())"
    }

    mutating func uuid() -> String {
        count += 1
        return "\(hexadecimal(UInt64(seed), 8))-0000-4000-8000-\(hexadecimal(count, 12))"
    }

    /// Opaque: 44 characters of base64url, the last of them the padding.
    mutating func token() -> String {
        count += 1
        let digest = SHA256.hash(data: Data("token \(seed) \(count)".utf8))
        return StytchBase64.encode(Array(digest)) + "="
    }

    /// Six digits.
    mutating func code() -> String {
        count += 1
        let digest = Array(SHA256.hash(data: Data("code \(seed) \(count)".utf8)))
        let number = digest.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return String(String(1_000_000 + number % 1_000_000).dropFirst())
    }

    private func hexadecimal(_ value: UInt64, _ width: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}

/// Base64 with the alphabet for URLs and without padding (RFC 4648, section 5).
enum StytchBase64 {
    static func encode(_ bytes: some DataProtocol) -> String {
        let text = Data(bytes).base64EncodedString()
        return String(text.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }.filter { $0 != "=" })
    }

    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let plain = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        let padding = String(repeating: "=", count: (4 - plain.count % 4) % 4)
        return Data(base64Encoded: plain + padding).map { Array($0) }
    }
}
