package import SessionProtocol

/// How this fake behaves where the real service's behaviour is not established or is up to the project's dashboard.
package struct FakeStytchChoices: Sendable {
    package enum Issuer: Sendable, Hashable {
        /// `stytch.com/<project id>`.
        case project
        /// A custom domain's base URL, without the slash at its end.
        case customDomain(String)
    }

    package enum Captcha: Sendable, Hashable {
        case off
        /// Login calls without a `captcha_token` get 403 and the plain text `Captcha required`.
        case plainText
        /// They get 403 `captcha_required`.
        case error
    }

    /// The error that SDK calls get for a session past its expiry; 401 `unauthorized_credentials` is the other candidate.
    package var whenExpired = "session_not_found"
    /// The same for a token that the service does not know (any more).
    package var whenRevoked = "session_not_found"
    /// For `public_token:public_token` on a call that needs a session; `user_unauthenticated` is another candidate.
    package var whenAnonymous = "unauthorized_credentials"
    /// Server mode with a wrong secret; `invalid_secret_authentication` is the other candidate.
    package var whenWrongSecret = "unauthorized_credentials"
    /// Whether a login call with a dead session token is refused as a sessions call is; else it makes a new session.
    package var refusesDeadTokenAtLogin = false
    /// Whether every sessions/authenticate gives a new session token.
    package var rotatesTokens = false
    /// Whether a token that was replaced still finds its session.
    package var keepsRotatedTokens = false
    /// Whether an exchange between organizations ends the session that it started from.
    package var exchangeEndsSource = false
    package var issuer = Issuer.project
    /// Leaves `expires_at` out of the JWT's session claim.
    package var leavesExpiryOutOfJWT = false
    /// What a JWT has left when it comes. The service gives 300; less stands for one that has been on its way, or kept.
    package var jwtSeconds: Int64 = 300
    /// The dashboard's maximum for SDK calls, in minutes.
    package var maximumSessionMinutes: Int64 = 527_040
    package var captcha = Captcha.off
    /// SDK paths (without `/sdk/v1/`) that the dashboard has not enabled: 401 `endpoint_not_authorized_for_sdk`.
    package var disabledForSDK: Set<String> = []
    /// Whether a member whose second factor is a phone gets its code with the first factor's answer.
    package var sendsSecondCodeAtOnce = false
    /// `roles`, `resources` and `scopes`; nil: bootstrap has no such member.
    package var rbacPolicy: JSONValue?
    /// Members that replace those of the bootstrap answer.
    package var bootstrap: [String: JSONValue] = [:]

    package init() {}
}
