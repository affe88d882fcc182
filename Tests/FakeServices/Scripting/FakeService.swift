package import SessionProtocol

/// An auth service as a value: a request and the time go in, an answer comes out.
package protocol FakeService: Sendable {
    /// `now` is in unix milliseconds.
    mutating func answer(_ request: FakeRequest, now: Int64) -> FakeAnswer

    /// An error in the service's envelope. `status`: nil is the code's own. `details` replaces members of the error;
    /// null removes one.
    func refusal(
        _ code: String, status: Int?, details: [String: JSONValue], to request: FakeRequest
    ) -> FakeAnswer

    /// Where the payload is in an answer: nowhere deeper than the top where there is no envelope.
    func payloadPlace(in body: JSONValue) -> [String]

    /// What the answer names as its error.
    func errorCode(in body: JSONValue) -> String?
}
