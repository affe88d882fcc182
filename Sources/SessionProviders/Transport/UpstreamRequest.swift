/// A request to an auth service, as its adapter wants it sent.
package struct UpstreamRequest: Sendable {
    package enum Verb: String, Sendable { case get = "GET", post = "POST", put = "PUT", delete = "DELETE" }

    package var verb: Verb
    /// Behind the service's base URL, with a slash in front and a query where there is one, percent-encoded.
    package var path: String
    /// Sent exactly so: the transport adds `Host`, `Content-Length`, and where they are missing `User-Agent` and
    /// `Accept: application/json`, and nothing else.
    package var headers: [String: String]
    package var body: [UInt8]?
    /// Whether asking twice does no harm: sent once more where a kept connection turns out to be closed.
    package var isRepeatable: Bool

    package init(
        _ verb: Verb, _ path: String, headers: [String: String] = [:], body: [UInt8]? = nil, isRepeatable: Bool = false
    ) {
        self.verb = verb
        self.path = path
        self.headers = headers
        self.body = body
        self.isRepeatable = isRepeatable
    }
}

extension UpstreamRequest: CustomStringConvertible, CustomReflectable {
    /// Verb and path without its query: a query, headers and body hold tokens and passwords. A path must hold none.
    package var description: String { "\(verb.rawValue) \(path.prefix { $0 != "?" })" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// What an auth service has answered, whatever its status.
package struct UpstreamAnswer: Sendable, CustomStringConvertible, CustomReflectable {
    package var status: Int
    /// Names in lower case; of a repeated header, the first.
    package var headers: [String: String]
    package var body: [UInt8]

    package init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The status: the body holds tokens.
    package var description: String { "HTTP \(status)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why there is no answer. Wherever it comes from, the session is kept and the service is asked again later.
package enum UpstreamFailure: Error, Sendable, Hashable {
    /// No connection, no name, no answer in time, or the connection ended in the middle of one.
    case unreachable
    /// The service's certificate is not to be trusted, or the authorities in `caFile` cannot be read.
    case untrusted
    /// The answer is larger than any that is meant.
    case tooLarge
    /// The request holds what HTTP cannot carry, as a line break in a header: nothing was sent, and asking again with the
    /// same values does not help.
    case unsendable
}
