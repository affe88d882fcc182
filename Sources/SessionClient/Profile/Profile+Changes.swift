import SessionProtocol

/// What a state of the profile may change in; `snapshots(of:)` tells only changes of these.
public struct Topic: RawRepresentable, Sendable, Hashable {
    /// The word as it is on the wire: an object's name or one of those below.
    public let rawValue: String
    /// A topic by its word.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// Changes of that object.
    public static func object(_ name: ObjectName) -> Topic { Topic(rawValue: name.rawValue) }
    /// Changes of the phase.
    public static let phase = Topic(rawValue: "phase")
    /// Every heartbeat, so that the times of validation are current.
    public static let heartbeat = Topic(rawValue: "heartbeat")
}

extension SessionClient.Profile {
    /// The whole state: the present one, then the newest after every change.
    public var snapshots: Snapshots { Snapshots(client: client, key: WatchKey(profile: name)) }

    /// The whole state: the present one, then the newest after every change of one of these.
    public func snapshots(of topics: Set<Topic>) -> Snapshots {
        Snapshots(client: client, key: WatchKey(profile: name, topics: Set(topics.map(\.rawValue))))
    }

    /// An object: the present state, then the newest after every change.
    ///
    /// All sequences of a profile share one subscription.
    public func changes(of object: ObjectName) -> ObjectChanges { ObjectChanges(snapshots: snapshots, name: object) }

    /// The session.
    public var sessionChanges: ObjectChanges { changes(of: .session) }
    /// Who is signed in.
    public var userChanges: ObjectChanges { changes(of: .user) }
    /// The member of an organization who is signed in.
    public var memberChanges: ObjectChanges { changes(of: .member) }
    /// The member's organization.
    public var organizationChanges: ObjectChanges { changes(of: .organization) }
    /// The account in use.
    public var accountChanges: ObjectChanges { changes(of: .account) }
    /// The app as its provider knows it.
    public var appChanges: ObjectChanges { changes(of: .app) }
    /// What the user may do.
    public var accessChanges: ObjectChanges { changes(of: .access) }
    /// What the user should be told.
    public var alertsChanges: ObjectChanges { changes(of: .alerts) }
}
