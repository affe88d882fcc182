import SessionProtocol

/// A request that was let in.
struct StytchCall {
    enum Mode {
        /// Public token, `/sdk/v1`.
        case sdk
        /// Project secret, `/v1`.
        case server
    }

    var mode: Mode
    var verb: String
    /// Without `/sdk/v1/` or `/v1/`.
    var path: String
    var query: [String: String]
    /// Empty where there was none.
    var body: [String: JSONValue]
    /// The session token in the Authorization header of an SDK call.
    var bearer: String?
    var userAgent: String
    /// Unix ms.
    var now: Int64

    /// A string that must be there and must not be empty.
    func required(_ name: String) throws(StytchFault) -> String {
        guard let value = body[name], value != .null else { throw .missing(name) }
        guard let text = value.stringValue else {
            throw .schema(keyword: "type", member: name, message: "\(name) should be string")
        }
        guard !text.isEmpty else {
            throw .schema(keyword: "minLength", member: name, message: "\(name) should not be empty")
        }
        return text
    }

    /// nil where it is missing, null or empty.
    func optional(_ name: String) -> String? {
        guard let text = body[name]?.stringValue, !text.isEmpty else { return nil }
        return text
    }

    func minutes(_ name: String) throws(StytchFault) -> Int64? {
        guard let value = body[name], value != .null else { return nil }
        guard let number = value.integerValue else {
            throw .schema(keyword: "type", member: name, message: "\(name) should be integer")
        }
        return number
    }
}

typealias StytchPayload = [String: JSONValue]
