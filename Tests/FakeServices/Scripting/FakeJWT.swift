import Crypto
import FoundationEssentials
import SessionProtocol

/// Signed JWTs (RFC 7515 and 7519).
struct FakeJWT {
    let header: JSONValue
    let claims: JSONValue
    /// What the signature is of.
    let signed: Data
    let signature: [UInt8]

    /// Takes a JWT apart; whether its signature fits is not looked at.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let signature = FakeBase64URL.decode(parts[2]),
            let header = FakeBase64URL.decode(parts[0]).flatMap({ try? JSONValue.parse($0) }),
            let claims = FakeBase64URL.decode(parts[1]).flatMap({ try? JSONValue.parse($0) })
        else { return nil }
        self.header = header
        self.claims = claims
        self.signature = signature
        signed = Data("\(parts[0]).\(parts[1])".utf8)
    }

    static func sign(_ claims: JSONValue, header: JSONValue, with signature: (Data) -> some DataProtocol) -> String {
        let signed = FakeBase64URL.encode(header.encoded) + "." + FakeBase64URL.encode(claims.encoded)
        return signed + "." + FakeBase64URL.encode(signature(Data(signed.utf8)))
    }
}

/// With a shared key (RFC 7518, `HS256`).
extension FakeJWT {
    static func sign(_ claims: JSONValue, key: String) -> String {
        sign(claims, header: ["alg": "HS256", "typ": "JWT"]) { signed in
            Data(HMAC<SHA256>.authenticationCode(for: signed, using: symmetric(key)))
        }
    }

    /// The claims of a JWT that this key has signed.
    static func claims(_ text: String, key: String) -> JSONValue? {
        guard let jwt = FakeJWT(text),
            HMAC<SHA256>.isValidAuthenticationCode(jwt.signature, authenticating: jwt.signed, using: symmetric(key))
        else { return nil }
        return jwt.claims
    }

    private static func symmetric(_ key: String) -> SymmetricKey {
        SymmetricKey(data: Data(key.utf8))
    }
}
