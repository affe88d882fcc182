import SessionCore
import SessionProtocol

/// A call in the words of Stytch's API, the same for both entrances.
struct StytchCall: Sendable {
    var verb: UpstreamRequest.Verb
    /// Behind `/sdk/v1` or `/v1`.
    var path: String
    var fields: [String: JSONValue]
    /// In whose name. With it a sign-in adds a factor to that session instead of making a new one.
    var session: Secret?
    var isRepeatable: Bool

    /// A nil field is left out. `minutes` is how long the session shall last from now.
    static func post(
        _ path: String, _ fields: [String: JSONValue?] = [:], minutes: Int? = nil, session: Secret? = nil,
        isRepeatable: Bool = false
    ) -> StytchCall {
        var fields = fields.compactMapValues { $0 }
        fields["session_duration_minutes"] = minutes.map { .integer(Int64($0)) }
        return StytchCall(verb: .post, path: path, fields: fields, session: session, isRepeatable: isRepeatable)
    }

    static func get(_ path: String, session: Secret? = nil) -> StytchCall {
        StytchCall(verb: .get, path: path, fields: [:], session: session, isRepeatable: true)
    }

    /// An id as one segment of a path or one value of a query: it comes from the service and must not lead elsewhere.
    static func escaped(_ id: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in id.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
