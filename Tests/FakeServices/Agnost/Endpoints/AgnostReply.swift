import SessionProtocol

/// A success.
enum AgnostReply {
    /// 200, a JSON content type and no byte.
    case empty
    /// The same, and the cookie goes.
    case signedOut
    case json(JSONValue)
    /// A user with a session, which is in the cookie too.
    case signedIn(AgnostUser, AgnostSession)
    /// A user who has to confirm first.
    case unconfirmed([String: JSONValue])
    case redirect(String)
    case text(String)

    static let uncached = [
        "cache-control": "no-store, no-cache, must-revalidate, proxy-revalidate", "pragma": "no-cache",
    ]

    var answer: FakeAnswer {
        var answer: FakeAnswer
        switch self {
        case .empty: answer = FakeAnswer(headers: ["content-type": "application/json"])
        case .signedOut:
            answer = FakeAnswer(headers: ["content-type": "application/json"])
            answer.headers["set-cookie"] = "session_token=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
        case .json(let value): answer = .json(value)
        case .signedIn(let user, let session):
            answer = .json(["user": .object(user.shown), "session": session.json])
            answer.headers["set-cookie"] =
                "session_token=\(session.token); Max-Age=31536000; Path=/; HttpOnly; Secure; SameSite=None"
        case .unconfirmed(let user): answer = .json(["user": .object(user), "session": nil])
        case .redirect(let target): answer = FakeAnswer(status: 302, headers: ["location": target])
        case .text(let text): answer = .text(text, type: "text/html; charset=utf-8", status: 200)
        }
        answer.headers.merge(Self.uncached) { own, _ in own }
        return answer
    }
}
