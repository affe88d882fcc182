package import SessionProtocol

/// What becomes of one scripted answer, of any fake service.
package indirect enum FakeEffect: Sendable {
    // The service answers as it is, or several effects are laid over one answer.
    case none
    case all([FakeEffect])

    // Instead of an answer: the service has not seen the request.
    case hang
    case drop
    /// An error in the service's own envelope; nil is the code's documented status. `details` replaces members of the
    /// error; null removes one.
    case error(String, status: Int? = nil, details: [String: JSONValue] = [:])
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
    case withoutHeader(String)
    /// The payload without the envelope around it.
    case withoutEnvelope
    /// Puts a value at a place in the payload, as `session.userId` or `0.token`; objects on the way are made.
    case set(String, JSONValue)
    case remove(String)
    /// Every text in the body for which this has another spelling gets it.
    case respelled(@Sendable (String) -> String?)
    /// A member of so many bytes is added to an object.
    case padded(bytes: Int)
}
