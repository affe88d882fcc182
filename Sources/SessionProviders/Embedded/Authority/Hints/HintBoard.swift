import SessionCore
import Synchronization

/// Tells profiles which sessions have changed behind their backs.
final class HintBoard: Sendable {
    /// Who asked for a change: it knows of it and needs no hint.
    final class Origin: Sendable {}

    private struct Entry {
        let origin: Origin
        weak var mailbox: HintMailbox?
    }

    private let entries = Mutex<[Entry]>([])

    /// The hints from now on. Ends with its consumer.
    func hints(for origin: Origin) -> AsyncStream<ProviderHint> {
        let mailbox = HintMailbox()
        entries.withLock { entries in
            entries.removeAll { $0.mailbox == nil }
            entries.append(Entry(origin: origin, mailbox: mailbox))
        }
        return AsyncStream { await mailbox.next().map(ProviderHint.init(sessionIDs:)) }
    }

    /// Called after the change is durable.
    func post(_ sessionIDs: Set<String>, from origin: Origin? = nil) {
        guard !sessionIDs.isEmpty else { return }
        let mailboxes = entries.withLock { entries in
            entries.removeAll { $0.mailbox == nil }
            return entries.filter { origin == nil || $0.origin !== origin }.compactMap(\.mailbox)
        }
        for mailbox in mailboxes { mailbox.put(sessionIDs) }
    }

    /// Streams that somebody still holds.
    var streamCount: Int {
        entries.withLock { $0.count { $0.mailbox != nil } }
    }
}
