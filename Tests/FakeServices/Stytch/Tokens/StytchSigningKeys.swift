import Crypto
import CryptoExtras
import FoundationEssentials
import SessionProtocol

/// The project's keys: the last one signs, all that are served verify.
struct StytchSigningKeys {
    struct Key {
        var kid: String
        var key: _RSA.Signing.PrivateKey
    }

    private(set) var served: [Key] = []
    private var count = 0

    init() {
        rotate()
    }

    /// Signs with a new key from now on; the old ones stay served until they are retired.
    mutating func rotate() {
        let pem = StytchKeyMaterial.pems[count % StytchKeyMaterial.pems.count]
        do {
            served.append(Key(kid: "jwk-test-\(count)", key: try _RSA.Signing.PrivateKey(pemRepresentation: pem)))
        } catch {
            preconditionFailure("the key in StytchKeyMaterial cannot be read: \(error)")
        }
        count += 1
    }

    mutating func retireOld() {
        served.removeFirst(served.count - 1)
    }

    /// A JWT, RS256.
    func sign(_ claims: [String: JSONValue]) -> String {
        let key = served[served.count - 1]
        return FakeJWT.sign(.object(claims), header: ["alg": "RS256", "kid": .string(key.kid), "typ": "JWT"]) {
            signed in
            do {
                return try key.key.signature(for: SHA256.hash(data: signed), padding: .insecurePKCS1v1_5)
                    .rawRepresentation
            } catch {
                preconditionFailure("RSA cannot sign: \(error)")
            }
        }
    }

    /// The claims of a JWT that one of the served keys has signed; whether it has expired is not looked at.
    func claims(_ text: String) -> JSONValue? {
        guard let jwt = FakeJWT(text), let kid = jwt.header["kid"]?.stringValue,
            let key = served.first(where: { $0.kid == kid })
        else { return nil }
        let isValid = key.key.publicKey.isValidSignature(
            _RSA.Signing.RSASignature(rawRepresentation: jwt.signature), for: SHA256.hash(data: jwt.signed),
            padding: .insecurePKCS1v1_5)
        return isValid ? jwt.claims : nil
    }

    var jwks: [String: JSONValue] {
        ["keys": .array(served.map(jwk))]
    }

    private func jwk(_ key: Key) -> JSONValue {
        do {
            let numbers = try key.key.publicKey.getKeyPrimitives()
            return [
                "kty": "RSA", "use": "sig", "key_ops": ["verify"], "alg": "RS256", "kid": .string(key.kid), "x5c": [],
                "x5t#S256": "", "n": .string(FakeBase64URL.encode(numbers.modulus)),
                "e": .string(FakeBase64URL.encode(numbers.publicExponent)),
            ]
        } catch {
            preconditionFailure("RSA has no numbers: \(error)")
        }
    }
}
