import CLinux
public import SessionProtocol

extension ObjectInfo {
    /// The provider's JSON, where the object is there.
    public var value: JSONValue? {
        guard case .available(let value, _) = self else { return nil }
        return value
    }

    /// Whether the object is there.
    public var isAvailable: Bool { value != nil }

    /// How long ago the provider last confirmed the object; nil where it is not there or was never confirmed.
    public var age: Duration? {
        guard case .available(_, let confirmed?) = self else { return nil }
        return .milliseconds(max(0, cl_wall_milliseconds() - confirmed))
    }
}

extension Snapshot {
    /// An object of the session; `unavailable(notProvided)` where the provider has no such object.
    public subscript(name: ObjectName) -> ObjectInfo { objects[name.rawValue] ?? .unavailable(.notProvided) }

    /// The session.
    public var session: ObjectInfo { self[.session] }
    /// Who is signed in.
    public var user: ObjectInfo { self[.user] }

    /// Whether a session is held, confirmed or not.
    public var isSignedIn: Bool { session.isAvailable }
}
