/// JSON Schemas of results, as `rpc.discover` shows them.
enum ResultSchema {
    static let snapshot: JSONValue = ["$ref": "#/components/schemas/Snapshot"]
    static let objectInfo: JSONValue = ["$ref": "#/components/schemas/ObjectInfo"]
    static let empty = object([:])
    static let text: JSONValue = ["type": "string"]
    static let integer: JSONValue = ["type": "integer"]
    static let flag: JSONValue = ["type": "boolean"]
    static let time: JSONValue = ["type": ["integer", "null"], "description": "Unix milliseconds"]
    static let anyObject: JSONValue = ["type": "object"]

    /// An object; members named in `optional` may be missing. Clients ignore members that they do not know.
    static func object(_ members: [String: JSONValue], optional: Set<String> = []) -> JSONValue {
        let required = members.keys.filter { !optional.contains($0) }.sorted()
        return [
            "type": "object", "properties": .object(members),
            "required": .array(required.map(JSONValue.string)),
        ]
    }

    static func list(_ element: JSONValue) -> JSONValue { ["type": "array", "items": element] }

    static func word(_ words: [String]) -> JSONValue {
        ["type": "string", "enum": .array(words.map(JSONValue.string))]
    }

    static let signIn = object([
        "outcome": word(["signedIn", "challenge", "confirmationNeeded"]), "snapshot": snapshot,
    ])
    static let heartbeat: JSONValue = ["$ref": "#/components/schemas/Heartbeat"]
    static let authorityUser = object(
        [
            "id": text, "username": text, "name": text, "disabled": flag, "createdAt": integer,
            "access": anyObject,
        ], optional: ["name"])

    /// What the schemas above refer to.
    static let components: JSONValue = [
        "ObjectInfo": [
            "oneOf": [
                object(["state": word(["available"]), "lastValidatedAt": time, "value": [:]]),
                object([
                    "state": word(["unavailable"]), "reason": word(ObjectInfo.Reason.allCases.map(\.rawValue)),
                ]),
                object(["state": word(["loading"])]),
            ]
        ],
        "Challenge": object(["id": text, "kind": text, "expiresAt": time]),
        "Heartbeat": object([
            "intervalMs": integer, "lastAttemptAt": time, "lastSuccessAt": time, "nextAttemptAt": time,
            "failures": integer,
            "lastError": ["oneOf": [["type": "null"], object(["kind": text, "at": integer])]],
        ]),
        "Snapshot": object([
            "profile": text, "provider": text, "instance": text, "revision": integer,
            "phase": word(Phase.allCases.map(\.rawValue)),
            "cause": object(["kind": word(Cause.Kind.all.map(\.rawValue)), "at": integer]),
            "expiresAt": time, "lastValidatedAt": time,
            "objects": ["type": "object", "additionalProperties": objectInfo],
            "heartbeat": heartbeat,
            "challenge": ["oneOf": [["type": "null"], ["$ref": "#/components/schemas/Challenge"]]],
        ]),
        "ErrorData": object(["kind": text, "retryable": flag]),
    ]
}
