import SessionProtocol

/// What Stytch's own answers can look like, in the terms of all fakes.
extension FakeEffect {
    /// An error that is announced as `text/plain`.
    package static func plainTextError(_ type: String) -> FakeEffect {
        .all([.error(type), .header("content-type", "text/plain")])
    }

    /// 400 with a `body` array.
    package static func schemaError(member: String) -> FakeEffect {
        .json(StytchFault.missing(member).answer(requestID: "").json ?? .null, status: 400)
    }

    /// `error`, `error_description` and `error_uri`.
    package static func oauthError(_ code: String, status: Int) -> FakeEffect {
        .json(
            [
                "error": .string(code), "error_description": "Composed by the fake.",
                "error_uri": "https://stytch.com/docs",
            ], status: status)
    }

    /// 403 and the plain text `Captcha required`.
    package static var captchaRequired: FakeEffect {
        .text("Captcha required", type: "text/plain", status: 403)
    }

    /// 429 `too_many_requests`; `retryAfter` is the header's value.
    package static func tooManyRequests(retryAfter: String?) -> FakeEffect {
        let error = FakeEffect.error("too_many_requests")
        return retryAfter.map { .all([error, .header("retry-after", $0)]) } ?? error
    }

    /// `session_token` and `session_jwt` are empty strings.
    package static var emptyTokens: FakeEffect {
        .all([.set("session_token", ""), .set("session_jwt", "")])
    }

    /// All timestamps have that many digits after the second: 0 to 9.
    package static func fractionDigits(_ digits: Int) -> FakeEffect {
        .respelled { FakeTime.respelled($0, digits: digits) }
    }
}
