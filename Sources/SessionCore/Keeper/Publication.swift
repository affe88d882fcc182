package import SessionProtocol
import Synchronization

/// One published state of a profile: what readers are served from until the next. An object, so that a reader takes one
/// reference and no copy.
package final class Publication: Sendable {
    package let snapshot: Snapshot
    /// The snapshot's JSON, encoded once for all its readers.
    package let encoded: [UInt8]
    /// What a notification says of this state beside it, `"profile":…,"revision":…`, encoded once for all watchers.
    package let encodedHeading: [UInt8]
    /// The result of `session.token` while the short-lived token lasts, encoded once too; `{}` without a session.
    package let encodedTokens: [UInt8]
    /// The session's credentials and objects, nil where none is held.
    package let session: ProviderSession?
    /// Whether stored state has been read, or tried to.
    package let isDecided: Bool
    /// When this state stops being true by itself: past it, ask the keeper to settle before answering.
    package let deadline: Deadline?
    /// When the session's short-lived token ends; nil where it has none.
    package let jwtDeadline: Deadline?
    /// Grows with every publication, bookkeeping included.
    package let sequence: UInt64
    /// The sequence at which each topic last changed. Topics are the objects' names, `phase`, `heartbeat` and `token`.
    package let topicSequences: [String: UInt64]
    /// The sequence at which `revision` last grew.
    package let changeSequence: UInt64

    /// - Parameter encode: makes the snapshot's JSON. This is the only place that does; tests count on it.
    package init(
        snapshot: Snapshot, session: ProviderSession?, deadline: Deadline?, jwtDeadline: Deadline? = nil,
        sequence: UInt64, topicSequences: [String: UInt64], changeSequence: UInt64, isDecided: Bool = true,
        encode: (Snapshot) -> [UInt8] = { $0.json.encoded }
    ) {
        self.isDecided = isDecided
        self.snapshot = snapshot
        self.encoded = encode(snapshot)
        self.encodedHeading = Self.heading(of: snapshot)
        self.encodedTokens = session?.tokens.encoded(beside: snapshot, hasEnded: false) ?? Array("{}".utf8)
        self.session = session
        self.deadline = deadline
        self.jwtDeadline = jwtDeadline
        self.sequence = sequence
        self.topicSequences = topicSequences
        self.changeSequence = changeSequence
    }

    /// Two members of an object.
    private static func heading(of snapshot: Snapshot) -> [UInt8] {
        var writer = JSONWriter(capacity: 32 + snapshot.profile.utf8.count)
        writer.name("profile")
        writer.string(snapshot.profile)
        writer.name("revision")
        writer.integer(snapshot.revision)
        return writer.bytes
    }

    /// Whether a reader may be answered from this at `now` without asking the keeper.
    package func isCurrent(at now: Moment) -> Bool {
        isDecided && deadline.map { !$0.hasPassed(at: now) } ?? true
    }
}

/// The encoded tokens are not for reflection to show.
extension Publication: CustomReflectable {
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Where a keeper puts its newest publication and readers take it from, without waiting.
package final class PublicationBoard: Sendable {
    private let state: Mutex<Publication>

    package init(_ publication: Publication) { state = Mutex(publication) }

    package var current: Publication { state.withLock { $0 } }

    package func publish(_ publication: Publication) { state.withLock { $0 = publication } }
}
