import SessionCore
import SessionProtocol

/// What Stytch has answered, read by its error type: the same HTTP status means many things.
enum StytchAnswer: Sendable {
    /// The payload of a 2xx answer, out of its envelope.
    case data(JSONValue)
    /// An error that Stytch names. New types appear every month.
    case refused(type: String, status: Int)
    /// Nothing that Stytch means: no connection, a proxy's page, a body that cannot be read, a service in trouble.
    case unusable(retryAfterMs: Int64? = nil)
    case throttled(retryAfterMs: Int64? = nil)
    /// The daemon cannot even ask.
    case misconfigured(reason: String)
}

extension StytchAnswer {
    /// - Parameters:
    ///   - isWrapped: whether a payload lies in a member `data`, as it does under `/sdk/v1` and not under `/v1`.
    ///     Errors never do.
    ///   - now: for a `Retry-After` that names a date.
    init(_ answer: UpstreamAnswer, isWrapped: Bool, now: Int64) {
        let json = try? JSONValue.parseForeign(answer.body)
        if (200..<300).contains(answer.status) {
            if let payload = isWrapped ? json?["data"] : json, payload.objectValue != nil {
                self = .data(payload)
            } else {
                self = .unusable()
            }
            return
        }
        let retryAfterMs = RetryAfter.milliseconds(answer.headers["retry-after"], now: now)
        let type = Self.errorType(of: json, body: answer.body)
        switch (type, answer.status) {
        case ("too_many_requests", _), (_, 429): self = .throttled(retryAfterMs: retryAfterMs)
        case (let type?, 300..<500) where !Self.transientTypes.contains(type):
            self = .refused(type: type, status: answer.status)
        // A server in trouble that names a reason all the same is believed: types decide, not statuses.
        case (let type?, 500...) where Self.endingTypes.contains(type):
            self = .refused(type: type, status: answer.status)
        default: self = .unusable(retryAfterMs: retryAfterMs)
        }
    }

    private static let transientTypes: Set<String> = [
        "internal_server_error", "server_unavailable", "search_timeout", "password_validation_timeout",
        "client_closed_request",
    ]
    private static let endingTypes: Set<String> = [
        "session_not_found", "unauthorized_credentials", "user_unauthenticated", "invalid_secret_authentication",
    ]

    /// `error_type`; `error` on endpoints that speak OAuth; a fixed word for a schema error and for the captcha, which
    /// is refused in plain text. Anything that does not look like a type is none: it goes to clients as a reason.
    private static func errorType(of json: JSONValue?, body: [UInt8]) -> String? {
        if let type = (json?["error_type"] ?? json?["error"])?.stringValue { return isType(type) ? type : nil }
        if ["body", "params", "query"].contains(where: { json?[$0]?.arrayValue != nil }) { return "invalid_request" }
        if json == nil, body.count < 64, String(decoding: body, as: UTF8.self).hasPrefix("Captcha required") {
            return "captcha_required"
        }
        return nil
    }

    private static func isType(_ text: String) -> Bool {
        // A code or a phone number that is echoed is none.
        (1...80).contains(text.utf8.count) && text.first?.isLetter == true
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "_")
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
    }
}
