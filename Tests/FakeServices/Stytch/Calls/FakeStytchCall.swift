package import SessionProtocol

/// A request that the fake got, with what was hidden in its headers, and how it answered.
package struct FakeStytchCall: Sendable, Hashable {
    package var verb: String
    package var path: String
    package var query: [String: String]
    package var headers: [String: String]
    /// Of the Basic authorization: the public token or the project id.
    package var user: String?
    /// Of the Basic authorization: the session token, the public token once more, or the secret.
    package var password: String?
    /// nil: empty or no JSON.
    package var body: JSONValue?
    /// What `X-SDK-Client` holds; nil where it cannot be read.
    package var client: JSONValue?
    /// The answer's body, where it is JSON.
    package var answer: JSONValue?
    /// The answer's.
    package var status: Int
    /// The error type in the answer.
    package var errorType: String?

    /// The session token of an SDK call, nil where the public token stands for it.
    package var sessionToken: String? { password == user ? nil : password }
}
