/// The OpenRPC 1.3 document that `rpc.discover` answers with, made from the table that dispatches.
package enum OpenRPCDocument {
    /// `version` is the daemon's.
    package static func make(version: String) -> JSONValue {
        [
            "openrpc": "1.3.2",
            "info": [
                "title": "sessiond", "version": .string(version),
                "description": "JSON-RPC 2.0, one message a line, over a Unix stream socket. Params go by name.",
            ],
            "methods": .array(MethodDescriptor.all.map(method)),
            "components": ["schemas": ResultSchema.components],
            "x-notifications": notifications,
        ]
    }

    private static func method(_ descriptor: MethodDescriptor) -> JSONValue {
        var members: [String: JSONValue] = [
            "name": .string(descriptor.method.rawValue), "summary": .string(descriptor.summary),
            "paramStructure": "by-name", "params": .array(descriptor.allParams.map(param)),
            "result": ["name": "result", "schema": descriptor.result],
            "errors": .array(errors(descriptor)), "x-access": JSONValue(descriptor.needs?.rawValue),
            "x-changes": .bool(descriptor.traits.contains(.change)),
        ]
        if descriptor.traits.contains(.fields) {
            members["x-additionalParams"] = [
                "type": "string", "description": "the fields of the step, which the profile's provider names",
            ]
        }
        if descriptor.traits.contains(.anyParams) { members["x-additionalParams"] = [:] }
        let sensitive =
            descriptor.allParams.filter(\.isSensitive).map { "params.\($0.name)" }
            + (descriptor.traits.contains(.fields) ? ["params"] : [])
            + descriptor.sensitiveResults.map { "result.\($0)" }
        if !sensitive.isEmpty { members["x-sensitive"] = .array(sensitive.map(JSONValue.string)) }
        return .object(members)
    }

    private static func param(_ param: MethodParam) -> JSONValue {
        [
            "name": .string(param.name), "summary": .string(param.summary), "required": .bool(param.isRequired),
            "schema": param.type.schema,
        ]
    }

    /// The errors that a call of this method can meet beside those of its line.
    private static func errors(_ descriptor: MethodDescriptor) -> [JSONValue] {
        var kinds: [(Int64, String)] = [(-32603, "internal")]
        if !descriptor.traits.contains(.anyParams) { kinds.append((-32602, "invalidParams")) }
        if descriptor.needs != nil { kinds.append((1001, "permissionDenied")) }
        if descriptor.traits.contains(.profile) { kinds += [(1011, "profileNotFound"), (1012, "notSupported")] }
        if descriptor.traits.contains(.expect) { kinds.append((1003, "conflict")) }
        if descriptor.traits.contains(.timeout) {
            kinds += [
                (-32800, "cancelled"), (1002, "notSignedIn"), (1004, "deadlineExceeded"),
                (1006, "upstreamUnavailable"), (1007, "upstreamRejected"), (1013, "misconfigured"),
            ]
        }
        if descriptor.method == .userUpdate { kinds.append((1002, "notSignedIn")) }
        if descriptor.needs == .admin { kinds.append((1007, "upstreamRejected")) }
        if descriptor.traits.contains(.change) {
            kinds += [(1008, "storeFailed"), (1008, "keyUnavailable"), (1009, "shuttingDown")]
        }
        if descriptor.method == .sessionAnswer { kinds.append((1014, "challengeNotFound")) }
        if descriptor.method == .sessionWatch { kinds.append((1005, "tooManySubscriptions")) }
        if descriptor.method == .serverHello { kinds.append((1010, "protocolUnsupported")) }
        return kinds.map { code, kind in
            ["code": .integer(code), "message": .string(kind), "data": ["kind": .string(kind)]]
        }
    }

    private static let notifications: JSONValue = [
        [
            "name": "session.changed", "summary": "A profile's newest state; intermediate states may be left out.",
            "params": ResultSchema.object([
                "subscription": ResultSchema.text, "profile": ResultSchema.text, "revision": ResultSchema.integer,
                "state": ResultSchema.snapshot,
            ]),
        ],
        [
            "name": "subscription.closed", "summary": "Nothing more comes from this subscription.",
            "params": ResultSchema.object([
                "subscription": ResultSchema.text, "reason": ResultSchema.word(["shutdown", "revoked", "slow"]),
            ]),
        ],
    ]
}

extension ParamType {
    /// The type as a JSON Schema.
    package var schema: JSONValue {
        switch self {
        case .string(let length): ["type": "string", "minLength": .integer(length.lowerBound > 0 ? 1 : 0)]
        case .integer(let range):
            ["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)]
        case .boolean: ["type": "boolean"]
        case .word(let words): ["type": "string", "enum": .array(words.map(JSONValue.string))]
        case .anyObject: ["type": "object"]
        case .map(let type): ["type": "object", "additionalProperties": type.schema]
        case .object(let members):
            [
                "type": "object", "additionalProperties": false,
                "properties": .object(
                    Dictionary(members.map { ($0.name, $0.type.schema) }, uniquingKeysWith: { first, _ in first })),
                "required": .array(members.filter(\.isRequired).map { .string($0.name) }),
            ]
        case .array(let type, let count):
            [
                "type": "array", "items": type.schema, "minItems": .integer(Int64(count.lowerBound)),
                "maxItems": .integer(Int64(count.upperBound)),
            ]
        case .requestID: ["type": ["integer", "string"]]
        case .either(let first, let second): ["oneOf": [first.schema, second.schema]]
        }
    }
}
