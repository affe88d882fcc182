import SessionCore
import SessionProtocol

extension BackstackAnswer {
    /// - Parameter now: for a `Retry-After` that names a date.
    init(_ answer: UpstreamAnswer, now: Int64) {
        let retryAfterMs = RetryAfter.milliseconds(answer.headers["retry-after"], now: now)
        jwt = Self.jwt(answer.headers["x-jwt"])
        status = answer.headers["x-session-status"].flatMap { Status(rawValue: $0.lowercased()) }
        guard let json = answer.body.isEmpty ? JSONValue.null : try? JSONValue.parseForeign(answer.body) else {
            content =
                answer.status == 429 ? .throttled(retryAfterMs: retryAfterMs) : .unusable(retryAfterMs: retryAfterMs)
            return
        }
        let payload = Self.payload(of: json)
        jwt = jwt ?? Self.jwt(payload?["jwt"]?.stringValue) ?? Self.jwt(json["jwt"]?.stringValue)
        content =
            switch (answer.status, payload) {
            case (200..<300, let payload?): .reply(payload)
            case (200..<300, nil): Self.failure(Self.code(of: json), Self.error(in: json), retryAfterMs)
            // An error that is no JSON object comes from something on the way.
            case (400..<500, _) where json.objectValue != nil:
                Self.failure(answer.status, Self.error(in: json), retryAfterMs)
            case (429, _): .throttled(retryAfterMs: retryAfterMs)
            default: .unusable(retryAfterMs: retryAfterMs)
            }
        if answer.status == 401, !isOfUser {
            // Whoever refuses the jwt itself has found no session by it: what comes along is another's, and taken for
            // ours it would sign out whom a single wrong 401 met.
            jwt = nil
        }
    }

    private var isOfUser: Bool {
        if case .refused(let refusal) = content { refusal.isOfUser } else { false }
    }

    private static func failure(_ status: Int?, _ error: JSONValue?, _ retryAfterMs: Int64?) -> Content {
        switch status {
        case 408?, 429?: .throttled(retryAfterMs: retryAfterMs)
        case let status? where (400..<500).contains(status):
            .refused(
                BackstackRefusal(
                    status: status, isOfUser: error?["type"] == "user",
                    fields: Set(error?["fields"]?.objectValue?.keys.map { $0 } ?? [])))
        default: .unusable(retryAfterMs: retryAfterMs)
        }
    }

    /// What a success holds: the body itself, or where it says `success`, its `data` or `payload`. nil where the body
    /// is an error in spite of its status.
    private static func payload(of json: JSONValue) -> JSONValue? {
        if let success = json["success"] {
            guard success != false else { return nil }
            return json["data"] ?? json["payload"] ?? .null
        }
        if json["error"]?.objectValue != nil, !BackstackSession(json).isSession { return nil }
        return json
    }

    /// `error`, or where the body says `success`, its `payload` or `data`.
    private static func error(in json: JSONValue) -> JSONValue? {
        [json["error"], json["payload"], json["data"]].compactMap { $0 }.first { $0.objectValue != nil }
    }

    /// The code of an error that came as a success. One without a code is at least a person's mistake where it says so.
    private static func code(of json: JSONValue) -> Int? {
        let error = error(in: json)
        let code =
            error?["code"]?.integerValue.flatMap { Int(exactly: $0) } ?? error?["code"]?.stringValue.flatMap(Int.init)
        return code ?? (error?["type"] == "user" ? 400 : nil)
    }

    /// A longer one is not believed to be a jwt: it goes out again in a header of every request.
    private static let longestJWT = 16 << 10

    /// What can be sent as a jwt: the demo front end has been seen to store and send `undefined`.
    private static func jwt(_ text: String?) -> Secret? {
        guard let text, text != "undefined", text != "null", text.utf8.count <= longestJWT,
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return Secret(text)
    }
}
