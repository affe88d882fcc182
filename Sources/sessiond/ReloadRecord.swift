import Synchronization

/// How the last reload went, for the status line.
final class ReloadRecord: Sendable {
    private let refused = Atomic(false)

    var isRefused: Bool {
        get { refused.load(ordering: .relaxed) }
        set { refused.store(newValue, ordering: .relaxed) }
    }

    var summary: String { isRefused ? "; the last reload was refused, see the log" : "" }
}
