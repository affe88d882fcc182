import FoundationEssentials
import JWTKit
import SessionProtocol

/// The RSA keys of a JWK set (RFC 7517) that check RS256 signatures, by their ids.
struct KeySet: Sendable {
    /// Larger than any set that is meant, and little enough to read at once.
    static let byteLimit = 262_144
    static let keyLimit = 64

    /// Several where a set repeats an id: any of them may have signed.
    private var keys: [String: [any JWTAlgorithm]] = [:]

    /// Leaves out keys of other kinds and keys that are wrong, as RFC 7517, section 5 wants it.
    ///
    /// nil where the bytes are no key set, where it is too large, and where it has no key of use.
    init?(document: [UInt8]) async {
        guard document.count <= Self.byteLimit,
            let value = try? JSONValue.parse(document, maxDepth: 16, maxValues: 8192),
            let entries = value["keys"]?.arrayValue, entries.count <= Self.keyLimit
        else { return nil }
        for entry in entries {
            guard let id = entry["kid"]?.stringValue, !id.isEmpty, let key = await Self.key(entry) else { continue }
            keys[id, default: []].append(key)
        }
        if keys.isEmpty { return nil }
    }

    func contains(_ id: String) -> Bool { keys[id] != nil }

    /// nil where there is no key of that id.
    func isSigned(_ jwt: CompactJWT) -> Bool? {
        keys[jwt.keyID].map { candidates in
            candidates.contains { (try? $0.verify(jwt.signature, signs: jwt.signedBytes)) == true }
        }
    }

    private static func key(_ entry: JSONValue) async -> (any JWTAlgorithm)? {
        guard entry["kty"] == "RSA", entry["use"] ?? "sig" == "sig", entry["alg"] ?? "RS256" == "RS256",
            entry["key_ops"]?.arrayValue?.contains("verify") ?? (entry["key_ops"] == nil),
            let modulus = entry["n"]?.stringValue, let exponent = entry["e"]?.stringValue,
            // A check with a giant key would take its time. The lower bound, 2048 bits, is JWTKit's.
            let modulusBytes = [UInt8](base64URL: modulus.utf8), modulusBytes.count <= 1024,
            let exponentBytes = [UInt8](base64URL: exponent.utf8), (1...8).contains(exponentBytes.count),
            let publicKey = try? Insecure.RSA.PublicKey(modulus: modulus, exponent: exponent)
        else { return nil }
        return try? await JWTKeyCollection().add(rsa: publicKey, digestAlgorithm: .sha256).getKey()
    }
}
