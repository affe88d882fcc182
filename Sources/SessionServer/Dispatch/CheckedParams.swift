import SessionCore
import SessionProtocol

/// Params that the method's descriptor has accepted: what is there has the type that the descriptor says.
struct CheckedParams {
    let values: [String: JSONValue]
    /// Sign-in fields, which the provider's own table checks.
    let extra: [String: JSONValue]

    func string(_ name: String) -> String? { values[name]?.stringValue }
    func integer(_ name: String) -> Int64? { values[name]?.integerValue }
    func bool(_ name: String) -> Bool { values[name]?.boolValue ?? false }
    func secret(_ name: String) -> Secret? { Secret(values[name]?.stringValue) }
    func strings(_ name: String) -> [String]? { values[name]?.arrayValue?.compactMap(\.stringValue) }

    var timeoutMs: Int64? { integer("timeoutMs") }
    var minutes: Int? { integer("sessionDurationMinutes").map(Int.init) }

    var expectation: Expectation? {
        guard let expect = values["expect"], let revision = expect["revision"]?.integerValue else { return nil }
        return Expectation(instance: expect["instance"]?.stringValue, revision: revision)
    }

    /// The value of a param that the descriptor requires; a table that does not is a programming error.
    func required<Value>(_ value: Value?) throws(DispatchError) -> Value {
        guard let value else { throw .incident("a required param is missing after its check") }
        return value
    }
}

/// Why a request is not carried out.
enum DispatchError: Error {
    case refused(RPCError)
    /// The server contradicts itself. Never holds anything from outside.
    case incident(StaticString)
}
