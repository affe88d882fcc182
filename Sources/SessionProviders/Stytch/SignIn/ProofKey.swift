import Crypto
import FoundationEssentials

/// A verifier and its challenge (RFC 7636, S256). The verifier is 32 random bytes in hex, as Stytch's SDKs make it.
struct ProofKey: Sendable {
    let verifier: String
    let challenge: String

    init() {
        verifier = SymmetricKey(size: .bits256).withUnsafeBytes { bytes in
            bytes.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
        }
        challenge = Self.challenge(for: verifier)
    }

    static func challenge(for verifier: String) -> String {
        Data(SHA256.hash(data: Data(verifier.utf8))).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
