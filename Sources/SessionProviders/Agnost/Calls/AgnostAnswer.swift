import SessionCore
import SessionProtocol

/// What Agnost has answered. The same status means many things, and the same code at another status too.
enum AgnostAnswer: Sendable {
    /// 2xx. nil: the body is empty, as it is where there is nothing to say.
    case success(JSONValue?)
    /// 3xx or 4xx with errors that Agnost names; there is at least one code.
    case refused(codes: [String], status: Int, retryAfterMs: Int64? = nil)
    /// 5xx, whatever stands in it.
    case failing(retryAfterMs: Int64? = nil)
    case throttled(retryAfterMs: Int64? = nil)
    /// Nothing that Agnost means: no connection, a proxy's page, a body that cannot be read.
    case unusable(retryAfterMs: Int64? = nil)
    /// The daemon cannot even ask.
    case misconfigured(reason: String)
}

extension AgnostAnswer {
    /// - Parameters:
    ///   - mayBeEmptyOfMeaning: whether a success may be anything but a page.
    ///   - secrets: what the request carried: a service that echoes it in place of a code must not make it a reason.
    ///   - now: for a `Retry-After` that names a date.
    init(_ answer: UpstreamAnswer, mayBeEmptyOfMeaning: Bool = false, secrets: Set<String> = [], now: Int64) {
        let json = try? JSONValue.parseForeign(answer.body)
        let retryAfterMs = RetryAfter.milliseconds(answer.headers["retry-after"], now: now)
        switch answer.status {
        case 200..<300:
            let isReadable = json != nil || answer.body.isEmpty || (mayBeEmptyOfMeaning && !Self.isPage(answer))
            self = isReadable ? .success(json) : .unusable()
        case 429: self = .throttled(retryAfterMs: retryAfterMs)
        case 500...: self = .failing(retryAfterMs: retryAfterMs)
        default:
            let codes = Self.codes(in: json).filter { AgnostVerdict.isKnown($0) || !Self.shows($0, secrets) }
            self =
                codes.isEmpty
                ? .unusable(retryAfterMs: retryAfterMs)
                : .refused(codes: codes, status: answer.status, retryAfterMs: retryAfterMs)
        }
    }

    /// The codes of an error, as the official client finds them: `errors` is an array or one error, or the body is. What
    /// else an error holds (messages, a stack trace of the server's) is not read.
    private static func codes(in json: JSONValue?) -> [String] {
        guard let json else { return [] }
        let found = json["errors"] ?? json
        return (found.arrayValue ?? [found]).compactMap { error in
            error.text("code").flatMap { isCode($0) ? $0 : nil }
        }
    }

    /// Whether it is a secret, or has one in it that is too long to be there by chance.
    private static func shows(_ code: String, _ secrets: Set<String>) -> Bool {
        let code = code.lowercased()
        return secrets.contains { secret in
            let secret = secret.lowercased()
            return code == secret || (secret.utf8.count >= 4 && code.contains(secret))
        }
    }

    /// What a captive portal or a proxy answers in the service's place.
    private static func isPage(_ answer: UpstreamAnswer) -> Bool {
        answer.headers["content-type"]?.lowercased().contains("html") ?? false
            || answer.body.first { $0 > 0x20 } == UInt8(ascii: "<")
    }

    /// Anything that does not look like a code is none: it goes to clients as a reason.
    private static func isCode(_ text: String) -> Bool {
        (1...80).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
