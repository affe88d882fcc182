import Crypto
import FoundationEssentials
import JWTKit
import SessionCore
import SessionProtocol

/// Signs the session JWTs and publishes the key that verifies them.
struct SessionSigner: Sendable {
    static let validityMs: Int64 = 300_000

    private let key: P256.Signing.PrivateKey
    private let keyID: String
    private let issuer: String

    /// The claims of docs/protocol.md, section 6, in whole seconds: not every verifier reads fractions.
    struct Claims: JWTPayload {
        let iss: String
        let sub: String
        let sid: String
        let iat: Int64
        let nbf: Int64
        let exp: Int64

        /// Nothing is verified here: whoever holds a JWT has its signature and times to check.
        func verify(using algorithm: some JWTAlgorithm) {}
    }

    /// nil where the bytes are no P-256 private key.
    init?(privateKey: [UInt8], issuer: String) {
        guard let key = try? P256.Signing.PrivateKey(rawRepresentation: privateKey) else { return nil }
        self.key = key
        self.issuer = issuer
        // RFC 7638: the required members in the order of their names, hashed.
        keyID = Array(SHA256.hash(data: JSONValue.object(Self.requiredMembers(of: key.publicKey)).encoded)).base64URL
    }

    static func makePrivateKey() -> [UInt8] {
        Array(P256.Signing.PrivateKey().rawRepresentation)
    }

    /// A JWT for five minutes from `now`, or until `sessionEnd` where that is sooner, and when it ends.
    func sign(
        userID: String, sessionID: String, now: Int64, sessionEnd: Int64
    ) async throws(AuthorityError) -> (jwt: Secret, expiresAt: Int64) {
        let issuedAt = now / 1000
        let expiry = min(issuedAt + Self.validityMs / 1000, sessionEnd / 1000)
        let claims = Claims(
            iss: issuer, sub: userID, sid: sessionID, iat: issuedAt, nbf: issuedAt, exp: expiry)
        do {
            let keys = JWTKeyCollection()
            let identifier = JWKIdentifier(string: keyID)
            await keys.add(ecdsa: try ES256PrivateKey(backing: key), kid: identifier)
            guard let jwt = Secret(try await keys.sign(claims, kid: identifier)) else {
                throw AuthorityError.unavailable
            }
            return (jwt, expiry * 1000)
        } catch {
            throw .unavailable
        }
    }

    /// The public key as a member of a JWK set (RFC 7517).
    var jwk: JSONValue {
        var members = Self.requiredMembers(of: key.publicKey)
        members["kid"] = .string(keyID)
        members["alg"] = "ES256"
        members["use"] = "sig"
        return .object(members)
    }

    /// RFC 7518, section 6.2.1: the coordinates of the point.
    private static func requiredMembers(of key: P256.Signing.PublicKey) -> [String: JSONValue] {
        let point = key.rawRepresentation
        return [
            "kty": "EC", "crv": "P-256", "x": .string(point.prefix(32).base64URL),
            "y": .string(point.suffix(32).base64URL),
        ]
    }
}
