/// The name of a piece of the session's data. Which ones a profile has depends on its provider.
public struct ObjectName: RawRepresentable, Sendable, Hashable, ExpressibleByStringLiteral {
    /// The name as it is on the wire.
    public let rawValue: String
    /// An object by its name.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// An object by its name.
    public init(stringLiteral value: String) { rawValue = value }

    /// The session itself.
    public static let session: ObjectName = "session"
    /// Who is signed in.
    public static let user: ObjectName = "user"
    /// Who is signed in, as a member of an organization.
    public static let member: ObjectName = "member"
    /// The organization of the member.
    public static let organization: ObjectName = "organization"
    /// The account in use.
    public static let account: ObjectName = "account"
    /// The app as its provider knows it; there while signed out too.
    public static let app: ObjectName = "app"
    /// What the user may do.
    public static let access: ObjectName = "access"
    /// What the user should be told.
    public static let alerts: ObjectName = "alerts"
}
