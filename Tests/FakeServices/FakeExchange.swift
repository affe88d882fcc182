package import SessionProtocol

/// A request as a fake auth service has received it.
package struct FakeRequest: Sendable {
    package var verb: String
    /// Without the query.
    package var path: String
    package var query: [String: String]
    /// Names in lower case.
    package var headers: [String: String]
    package var body: [UInt8]

    package init(
        verb: String, path: String, query: [String: String] = [:], headers: [String: String] = [:], body: [UInt8] = []
    ) {
        self.verb = verb
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The body as JSON, nil where it is empty or none.
    package var json: JSONValue? { try? JSONValue.parse(body) }
}

/// How a fake auth service answers.
package struct FakeAnswer: Sendable {
    /// What becomes of the connection.
    package enum Manner: Sendable, Hashable {
        case whole
        /// Sends the head and this many bytes of the body, then closes: the length was announced in full.
        case truncated(after: Int)
        /// Takes the request and never answers, until the server is stopped.
        case hang
        /// Closes without a byte.
        case drop
        /// Holds the whole answer back until the test lets it go (`FakeHTTPServer.release()`).
        case held
    }

    package var status: Int
    package var headers: [String: String]
    package var body: [UInt8]
    package var manner: Manner

    package init(
        status: Int = 200, headers: [String: String] = [:], body: [UInt8] = [], manner: Manner = .whole
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.manner = manner
    }

    package static func json(_ value: JSONValue, status: Int = 200) -> FakeAnswer {
        FakeAnswer(status: status, headers: ["content-type": "application/json"], body: value.encoded)
    }

    package static func text(_ text: String, type: String, status: Int) -> FakeAnswer {
        FakeAnswer(status: status, headers: ["content-type": type], body: Array(text.utf8))
    }
}
