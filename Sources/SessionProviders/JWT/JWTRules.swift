/// What a JWT must say to be accepted, beside being signed with RS256 by a key of the issuer's.
package struct JWTRules: Sendable, Hashable {
    /// `iss` must be one of these, letter for letter.
    package var issuers: Set<String>
    /// `aud` must be this or a list that holds it.
    package var audience: String
    /// By how much the issuer's clock may differ from this one.
    package var leewayMs: Int64

    package init(issuers: Set<String>, audience: String, leewayMs: Int64) {
        self.issuers = issuers
        self.audience = audience
        self.leewayMs = leewayMs
    }
}

/// What is known of a JWT.
package enum JWTVerdict: Sendable, Hashable {
    /// Signed, meant for this audience, and in force. Its `exp` in Unix milliseconds.
    case valid(expiresAt: Int64)
    case invalid(JWTDefect)
    /// The keys cannot be had at present, or are too old to say that a key does not exist.
    case undecided
}

/// Why a JWT is refused. Tells nothing of its content but the names of registered claims.
package enum JWTDefect: Error, Sendable, Hashable {
    /// No JWS in compact form (RFC 7515, section 3.1) of two JSON objects with a key id, or larger than any that is meant.
    case malformed
    /// Anything but RS256, `none` included.
    case unsupportedAlgorithm
    /// The header has an extension that must be understood (RFC 7515, section 4.1.11).
    case unsupportedExtension
    /// No key of the set, fetched within the last five minutes, has the JWT's key id.
    case unknownKey
    case badSignature
    /// The claim is absent, or not of the type and range that RFC 7519 gives it.
    case missingClaim(JWTClaim)
    case wrongIssuer
    case wrongAudience
    case expired
    /// Issued or in force only in the future.
    case notYetValid
}

/// The registered claims that are looked at (RFC 7519, section 4.1).
package enum JWTClaim: String, Sendable, Hashable, CaseIterable {
    case iss, aud, exp, nbf, iat
}
