import SessionProtocol

/// When a JWT is in force, Unix milliseconds.
struct JWTTimes: Sendable, Hashable {
    let end: Int64
    /// The later of `nbf` and `iat`.
    let start: Int64
}

extension JWTRules {
    /// Refuses what is wrong with the claims whatever the time is. It may be asked before the signature is checked, as
    /// it only ever refuses: another project's JWT then costs no look at the keys.
    func times(of claims: JSONValue) throws(JWTDefect) -> JWTTimes {
        guard let issuer = claims[JWTClaim.iss.rawValue]?.stringValue else { throw .missingClaim(.iss) }
        guard issuers.contains(issuer) else { throw .wrongIssuer }
        switch claims[JWTClaim.aud.rawValue] {
        case .string(let one): if one != audience { throw .wrongAudience }
        case .array(let several): if !several.contains(.string(audience)) { throw .wrongAudience }
        default: throw .missingClaim(.aud)
        }
        guard let end = claims.time(.exp) else { throw .missingClaim(.exp) }
        guard let start = claims.time(.nbf) else { throw .missingClaim(.nbf) }
        guard let issue = claims.time(.iat) else { throw .missingClaim(.iat) }
        return JWTTimes(end: end, start: max(start, issue))
    }

    /// What the time, Unix milliseconds, makes of a JWT that is right otherwise.
    func verdict(on times: JWTTimes, at now: Int64) -> JWTVerdict {
        guard times.end > now.saturating(minus: leewayMs) else { return .invalid(.expired) }
        guard times.start <= now.saturating(plus: leewayMs) else { return .invalid(.notYetValid) }
        return .valid(expiresAt: times.end)
    }
}

extension JSONValue {
    /// A NumericDate (RFC 7519, section 2: seconds, maybe with a fraction) as Unix milliseconds, rounded down; nil where
    /// it is none, or beyond the integers that the wire can carry.
    func time(_ claim: JWTClaim) -> Int64? {
        let range = -9_007_199_254_740_991...Int64(9_007_199_254_740_991)
        switch self[claim.rawValue] {
        case .integer(let seconds):
            let (product, hasOverflown) = seconds.multipliedReportingOverflow(by: 1000)
            return !hasOverflown && range.contains(product) ? product : nil
        case .number(let text):
            guard let seconds = Double(text), let product = Int64(exactly: (seconds * 1000).rounded(.down)) else {
                return nil
            }
            return range.contains(product) ? product : nil
        default: return nil
        }
    }
}

extension Int64 {
    fileprivate func saturating(plus other: Int64) -> Int64 {
        let (sum, hasOverflown) = addingReportingOverflow(other)
        return hasOverflown ? (other > 0 ? .max : .min) : sum
    }

    fileprivate func saturating(minus other: Int64) -> Int64 {
        let (difference, hasOverflown) = subtractingReportingOverflow(other)
        return hasOverflown ? (other > 0 ? .min : .max) : difference
    }
}
