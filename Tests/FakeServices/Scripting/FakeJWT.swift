import Crypto
import FoundationEssentials
import SessionProtocol

/// JWTs with a shared key (RFC 7515 and 7518, `HS256`).
enum FakeJWT {
    static func sign(_ claims: JSONValue, key: String) -> String {
        let header: JSONValue = ["alg": "HS256", "typ": "JWT"]
        let signed = encode(header.encoded) + "." + encode(claims.encoded)
        let code = HMAC<SHA256>.authenticationCode(for: Data(signed.utf8), using: symmetric(key))
        return signed + "." + encode(Array(code))
    }

    /// The claims of a JWT that this key has signed.
    static func claims(_ jwt: String, key: String) -> JSONValue? {
        let parts = jwt.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let signature = decode(parts[2]), let payload = decode(parts[1]) else { return nil }
        let signed = Data("\(parts[0]).\(parts[1])".utf8)
        guard HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: signed, using: symmetric(key)) else {
            return nil
        }
        return try? JSONValue.parse(payload)
    }

    private static func symmetric(_ key: String) -> SymmetricKey {
        SymmetricKey(data: Data(key.utf8))
    }

    private static func encode(_ bytes: [UInt8]) -> String {
        String(Data(bytes).base64EncodedString().map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }.filter { $0 != "=" })
    }

    private static func decode(_ text: Substring) -> [UInt8]? {
        let plain = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        let padding = String(repeating: "=", count: (4 - plain.count % 4) % 4)
        return Data(base64Encoded: plain + padding).map { Array($0) }
    }
}
