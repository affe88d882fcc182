package import SessionProtocol

/// Who may do what, by the kernel's word about the peer (docs/protocol.md, section 5).
package struct AccessPolicy: Sendable, Hashable {
    /// Permissions beyond the defaults. Rules add up; none takes away.
    package struct Rule: Sendable, Hashable {
        package enum Subject: Sendable, Hashable {
            case user(UInt32)
            /// Primary or supplementary.
            case group(UInt32)
        }

        package var subject: Subject
        /// nil: every profile.
        package var profiles: Set<String>?
        package var allow: Set<Permission>

        package init(_ subject: Subject, profiles: Set<String>? = nil, allow: Set<Permission>) {
            self.subject = subject
            self.profiles = profiles
            self.allow = allow
        }
    }

    /// Users who may do everything.
    package var superusers: Set<UInt32>
    /// Whose members may read, receive tokens and control; nil where the socket has no such group.
    package var socketGroup: UInt32?
    package var rules: [Rule]
    /// Whether ids that this process is told always name somebody. Where not, the one that stands for all others has no
    /// permission, whatever a rule says.
    package var isEveryIDKnown = UserNamespace.mapsEveryID

    /// The defaults and `rules`: root and the daemon's own user may do everything.
    package init(daemonUser: UInt32, socketGroup: UInt32?, rules: [Rule] = []) {
        self.init(superusers: [0, daemonUser], socketGroup: socketGroup, rules: rules)
    }

    package init(superusers: Set<UInt32>, socketGroup: UInt32?, rules: [Rule]) {
        self.superusers = superusers
        self.socketGroup = socketGroup
        self.rules = rules
    }

    /// All that `peer` may do.
    package func grants(to peer: PeerCredentials) -> Grants {
        guard isKnown(peer.uid) else { return Grants() }
        if superusers.contains(peer.uid) { return Grants(everywhere: Set(Permission.allCases)) }
        var grants = Grants()
        if let socketGroup, isMember(peer, of: socketGroup) { grants.everywhere = [.read, .token, .control] }
        for rule in rules where applies(rule.subject, to: peer) {
            guard let profiles = rule.profiles else {
                grants.everywhere.formUnion(rule.allow)
                continue
            }
            for profile in profiles { grants.byProfile[profile, default: []].formUnion(rule.allow) }
        }
        return grants
    }

    /// Any user of another namespace may look like `PeerCredentials.unknown`.
    private func isKnown(_ id: UInt32) -> Bool { isEveryIDKnown || id != PeerCredentials.unknown }

    private func applies(_ subject: Rule.Subject, to peer: PeerCredentials) -> Bool {
        switch subject {
        case .user(let uid): peer.uid == uid
        case .group(let gid): isMember(peer, of: gid)
        }
    }

    private func isMember(_ peer: PeerCredentials, of group: UInt32) -> Bool {
        isKnown(group) && (peer.gid == group || peer.groups.contains(group))
    }
}

/// What one peer may do.
package struct Grants: Sendable, Hashable {
    package var everywhere: Set<Permission> = []
    package var byProfile: [String: Set<Permission>] = [:]

    package init(everywhere: Set<Permission> = [], byProfile: [String: Set<Permission>] = [:]) {
        self.everywhere = everywhere
        self.byProfile = byProfile
    }

    package func allows(_ permission: Permission, profile: String) -> Bool {
        everywhere.contains(permission) || byProfile[profile]?.contains(permission) ?? false
    }

    /// Whether there is any profile, existing or not, for which it is allowed.
    package func allowsSomewhere(_ permission: Permission) -> Bool {
        everywhere.contains(permission) || byProfile.values.contains { $0.contains(permission) }
    }
}
