import Crypto
import FoundationEssentials

/// Codes of an authenticator app: RFC 6238 with SHA-1, steps of 30 s, six digits.
enum StytchTOTP {
    static func code(secret: [UInt8], at milliseconds: Int64, step offset: Int64 = 0) -> String {
        let step = UInt64(bitPattern: milliseconds / 30_000 + offset)
        let message = (0..<8).map { UInt8(truncatingIfNeeded: step >> (56 - 8 * $0)) }
        let mac = Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: SymmetricKey(data: secret)))
        let start = Int(mac[19] & 0xF)
        let number = mac[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        return String(String(1_000_000 + number % 1_000_000).dropFirst())
    }

    /// The neighbouring steps are accepted too.
    static func accepts(_ code: String, secret: [UInt8], at milliseconds: Int64) -> Bool {
        (-1...1).contains { self.code(secret: secret, at: milliseconds, step: Int64($0)) == code }
    }
}
