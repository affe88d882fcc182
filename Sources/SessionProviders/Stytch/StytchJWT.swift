import Logging
import SessionCore

/// Decides what becomes of the JWT that comes with a session.
struct StytchJWT: Sendable {
    /// nil where no `projectID` is configured.
    let verifier: JWTVerifier?
    let now: @Sendable () -> Int64
    let logger: Logger

    /// A session JWT lives five minutes, whatever the session's length.
    static let lifetimeMs: Int64 = 300_000

    /// The confirmation with its JWT's end. A JWT that fails its check is left out, as whoever was handed it would be
    /// refused; the session itself has been confirmed by Stytch. One whose check cannot be made is handed on.
    ///
    /// - Parameter canWait: whether there is time to fetch the project's keys.
    func checked(_ confirmation: Confirmation, holding held: TokenSet?, canWait: Bool) async -> Confirmation {
        guard let jwt = confirmation.tokens?.sessionJwt else { return confirmation }
        var confirmation = confirmation
        if let held, held.sessionJwt == jwt, let end = held.jwtExpiresAt {
            confirmation.tokens?.jwtExpiresAt = end
            return confirmation
        }
        switch canWait ? await verifier?.verdict(on: jwt) ?? .undecided : .undecided {
        case .valid(let expiresAt): confirmation.tokens?.jwtExpiresAt = expiresAt
        case .invalid(let defect):
            logger.error("a session JWT fails its check and is not handed out", metadata: ["defect": "\(defect)"])
            confirmation.tokens?.sessionJwt = nil
            confirmation.tokens?.jwtExpiresAt = nil
        case .undecided: confirmation.tokens?.jwtExpiresAt = end(of: jwt)
        }
        return confirmation
    }

    /// When to hand it out no longer. One that cannot be read ends as it would if it had been issued now.
    func end(of jwt: Secret) -> Int64 {
        let latest = now() + Self.lifetimeMs
        return UnverifiedJWT.expiresAt(of: jwt).map { min($0, latest) } ?? latest
    }
}
