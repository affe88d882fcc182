import Crypto
import FoundationEssentials
import SessionCore

/// A token that says nothing: whoever shows it has it from the authority. Only its SHA-256 is stored.
struct OpaqueToken: Sendable {
    /// Lets a person or a secret scanner see what a stray token is.
    enum Kind: String { case session = "sds_", grant = "sdg_" }

    let secret: Secret
    var digest: [UInt8] { Self.digest(of: secret) }

    init(_ kind: Kind) {
        // Never nil, as the prefix is not empty.
        let text = kind.rawValue + RandomBytes.make(32).base64URL
        guard let secret = Secret(text) else { preconditionFailure("a token has a prefix") }
        self.secret = secret
    }

    static func digest(of secret: Secret) -> [UInt8] {
        Array(SHA256.hash(data: Array(secret.reveal().utf8)))
    }
}

/// Bytes from the kernel's generator.
enum RandomBytes {
    static func make(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}

extension Collection where Element == UInt8 {
    /// RFC 4648, section 5, without padding.
    var base64URL: String {
        String(
            Data(self).base64EncodedString().compactMap { character in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            } as [Character])
    }
}
