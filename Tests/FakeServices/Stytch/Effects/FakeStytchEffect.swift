package import SessionProtocol

/// What becomes of one scripted answer.
package indirect enum FakeStytchEffect: Sendable {
    // The service answers as it is, or several effects are laid over one answer.
    case none
    case all([FakeStytchEffect])

    // Instead of an answer: the service has not seen the request.
    case hang
    case drop
    /// An error of the service; nil is the type's documented status. `details` replaces members of it; null removes one.
    case error(String, status: Int? = nil, details: [String: JSONValue] = [:])
    /// The same, announced as `text/plain`.
    case plainTextError(String)
    /// 400 with a `body` array.
    case schemaError(member: String)
    /// `error`, `error_description` and `error_uri`.
    case oauthError(String, status: Int)
    /// 403 and the plain text `Captcha required`.
    case captchaRequired
    /// 429 `too_many_requests`; `retryAfter` is the header's value.
    case tooManyRequests(retryAfter: String?)
    /// A proxy's or a captive portal's page.
    case html(status: Int)
    case text(String, type: String, status: Int)
    case json(JSONValue, status: Int)
    case redirect(to: String)
    case empty(status: Int)

    // A change of the real answer: the service has done what was asked.
    /// Nobody hears of it: the connection closes without a byte.
    case lost
    case truncated(after: Int)
    case held
    case header(String, String)
    /// The payload without `data` around it.
    case withoutEnvelope
    /// Puts a value at a path in the payload, as `session.roles` or `user.emails.0.email`; objects on the way are made.
    case set(String, JSONValue)
    case remove(String)
    /// `session_token` and `session_jwt` are empty strings.
    case emptyTokens
    /// All timestamps have that many digits after the second: 0 to 9.
    case fractionDigits(Int)
    /// A member of so many bytes is added.
    case padded(bytes: Int)
}
