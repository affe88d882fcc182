import FoundationEssentials
package import SessionCore
import SessionProtocol

/// A JWT taken apart. Nothing of it is to be believed before its signature is checked.
struct CompactJWT {
    /// Stytch allows 4 KB of a project's own claims; the standard ones and the factors are about as much again.
    static let byteLimit = 65_536

    let keyID: String
    let claims: JSONValue
    /// What the signature is made over: header and payload as they were sent.
    let signedBytes: [UInt8]
    let signature: [UInt8]

    /// Refuses every algorithm but RS256, so that no key is ever used for another.
    init(_ jwt: Secret) throws(JWTDefect) {
        let parts = try Self.parts(of: jwt)
        guard let header = Self.object(parts[0]), let algorithm = header["alg"]?.stringValue else { throw .malformed }
        guard algorithm == "RS256" else { throw .unsupportedAlgorithm }
        guard header["crit"] == nil else { throw .unsupportedExtension }
        guard let keyID = header["kid"]?.stringValue, !keyID.isEmpty, let claims = Self.object(parts[1]),
            let signature = [UInt8](base64URL: parts[2]), !signature.isEmpty
        else { throw .malformed }
        self.keyID = keyID
        self.claims = claims
        self.signature = signature
        signedBytes = parts[0] + [UInt8(ascii: ".")] + parts[1]
    }

    fileprivate static func parts(of jwt: Secret) throws(JWTDefect) -> [ArraySlice<UInt8>] {
        let bytes = Array(jwt.reveal().utf8)
        guard bytes.count <= byteLimit else { throw .malformed }
        let parts = bytes.split(
            separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed }
        return parts
    }

    fileprivate static func object(_ part: ArraySlice<UInt8>) -> JSONValue? {
        guard let bytes = [UInt8](base64URL: part),
            let value = try? JSONValue.parse(bytes, maxDepth: 32, maxValues: 4096), value.objectValue != nil
        else { return nil }
        return value
    }
}

/// What a JWT says of itself.
package enum UnverifiedJWT {
    /// `exp` in Unix milliseconds, of whatever algorithm and without checking anything; nil where this is no JWT or has
    /// no `exp`. Fit for deciding when to ask for a new one, never for deciding whether to believe it.
    package static func expiresAt(of jwt: Secret) -> Int64? {
        guard let parts = try? CompactJWT.parts(of: jwt), CompactJWT.object(parts[0]) != nil else { return nil }
        return CompactJWT.object(parts[1])?.time(.exp)
    }
}

extension [UInt8] {
    /// RFC 4648, section 5; nil where there is padding or anything else outside the alphabet.
    init?(base64URL text: some Collection<UInt8>) {
        guard text.count % 4 != 1 else { return nil }
        var standard: [UInt8] = []
        standard.reserveCapacity(text.count + 3)
        for byte in text {
            switch byte {
            case UInt8(ascii: "-"): standard.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): standard.append(UInt8(ascii: "/"))
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                standard.append(byte)
            default: return nil
            }
        }
        while standard.count % 4 != 0 { standard.append(UInt8(ascii: "=")) }
        guard let data = Data(base64Encoded: Data(standard)) else { return nil }
        self = Array(data)
    }
}
