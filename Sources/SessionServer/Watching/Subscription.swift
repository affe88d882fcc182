import SessionCore
import SessionProtocol

/// One `session.watch` of a connection.
struct Subscription {
    enum Scope: Equatable {
        case profile(String)
        /// Every profile that the peer may read.
        case all
    }

    let id: String
    let scope: Scope
    /// nil: every change.
    let topics: Set<String>?
    /// The publication up to which each profile's changes have been told.
    var told: [String: UInt64]

    func covers(_ profile: String) -> Bool {
        switch scope {
        case .profile(let name): name == profile
        case .all: true
        }
    }

    /// Whether `publication` holds a change that this subscription has not been told of. `mayLearnOfTokens` is the
    /// peer's permission for the profile at present.
    func isBehind(_ publication: Publication, mayLearnOfTokens: Bool) -> Bool {
        guard let told = told[publication.snapshot.profile] else { return true }
        guard let topics else { return publication.changeSequence > told }
        return topics.contains { topic in
            (topic != Topic.token || mayLearnOfTokens) && publication.topicSequences[topic, default: 0] > told
        }
    }
}

/// Topics beside the names of objects.
enum Topic {
    static let phase = "phase"
    static let heartbeat = "heartbeat"
    static let token = "token"
    static let common: Set<String> = [phase, heartbeat, token]
}

/// A connection's subscriptions. A value: what it says is due counts as told.
struct SubscriptionBook {
    private(set) var subscriptions: [Subscription] = []
    private var lastNumber = 0

    var count: Int { subscriptions.count }
    var isEmpty: Bool { subscriptions.isEmpty }

    /// Installs a subscription that has been told these publications.
    mutating func add(_ scope: Subscription.Scope, topics: Set<String>?, told: [Publication]) -> String {
        lastNumber += 1
        let id = "s\(lastNumber)"
        let sequences = Dictionary(
            told.map { ($0.snapshot.profile, $0.sequence) }, uniquingKeysWith: { _, last in last })
        subscriptions.append(Subscription(id: id, scope: scope, topics: topics, told: sequences))
        return id
    }

    /// False where there is no such subscription.
    mutating func remove(_ id: String) -> Bool {
        let count = subscriptions.count
        subscriptions.removeAll { $0.id == id }
        return subscriptions.count < count
    }

    /// Ends those that `isOver` names, and returns their ids.
    mutating func remove(where isOver: (Subscription) -> Bool) -> [String] {
        let ids = subscriptions.filter(isOver).map(\.id)
        subscriptions.removeAll(where: isOver)
        return ids
    }

    /// The ids of those that must be told of `publication`.
    mutating func due(_ publication: Publication, grants: Grants) -> [String] {
        let profile = publication.snapshot.profile
        guard grants.allows(.read, profile: profile) else { return [] }
        let mayLearnOfTokens = grants.allows(.token, profile: profile)
        var due: [String] = []
        for index in subscriptions.indices where subscriptions[index].covers(profile) {
            if subscriptions[index].isBehind(publication, mayLearnOfTokens: mayLearnOfTokens) {
                due.append(subscriptions[index].id)
            }
            subscriptions[index].told[profile] = publication.sequence
        }
        return due
    }

    /// The profile is served by another keeper, which counts from the beginning: its state is to be told anew.
    mutating func forget(_ profile: String) {
        for index in subscriptions.indices { subscriptions[index].told[profile] = nil }
    }
}
