package import SessionProtocol
import Synchronization

/// One published state of a profile: what readers are served from until the next. An object, so that a reader takes one
/// reference and no copy.
package final class Publication: Sendable {
    package let snapshot: Snapshot
    /// The snapshot's JSON, encoded once for all its readers.
    package let encoded: [UInt8]
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

    package init(
        snapshot: Snapshot, session: ProviderSession?, deadline: Deadline?, jwtDeadline: Deadline? = nil,
        sequence: UInt64, topicSequences: [String: UInt64], changeSequence: UInt64, isDecided: Bool = true
    ) {
        self.isDecided = isDecided
        self.snapshot = snapshot
        self.encoded = snapshot.json.encoded
        self.encodedTokens = session?.tokens.encoded(beside: snapshot, hasEnded: false) ?? Array("{}".utf8)
        self.session = session
        self.deadline = deadline
        self.jwtDeadline = jwtDeadline
        self.sequence = sequence
        self.topicSequences = topicSequences
        self.changeSequence = changeSequence
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
