/// One object of a session: there with its age, or not there with a reason; never null.
public enum ObjectInfo: Sendable, Hashable {
    /// The provider's own JSON. `lastValidatedAt` is Unix milliseconds, nil while the provider has never confirmed it.
    case available(JSONValue, lastValidatedAt: Int64?)
    /// There is no such object now.
    case unavailable(Reason)
    /// Stored state is not yet read.
    case loading

    /// Why an object is not there.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// Nobody is signed in.
        case signedOut
        /// The provider has not given this object.
        case notProvided
        /// The session reached its end.
        case expired
        /// Stored state cannot be opened now.
        case sealed
        /// The screen is locked.
        case locked
    }
}

extension ObjectInfo {
    /// The wire shape.
    package var json: JSONValue {
        switch self {
        case .available(let value, let lastValidatedAt):
            ["state": "available", "lastValidatedAt": JSONValue(lastValidatedAt), "value": value]
        case .unavailable(let reason): ["state": "unavailable", "reason": .string(reason.rawValue)]
        case .loading: ["state": "loading"]
        }
    }

    /// Reads the wire shape. A reason that this version does not know reads as `notProvided`.
    package init?(json: JSONValue) {
        switch json["state"]?.stringValue {
        case "available":
            guard let value = json["value"] else { return nil }
            self = .available(value, lastValidatedAt: json["lastValidatedAt"]?.integerValue)
        case "unavailable":
            self = .unavailable(json["reason"]?.stringValue.flatMap(Reason.init(rawValue:)) ?? .notProvided)
        case "loading": self = .loading
        default: return nil
        }
    }
}
