import SessionProtocol
import Synchronization

/// Where the newest state of a watch is put up, for readers who look and for readers who wait.
///
/// A reader who waits says what it has seen and is woken to look again; the state does not travel with the waking. So
/// a slow reader skips states and never the last one, and the order of wakings cannot turn an old state into the
/// newest.
final class StateBoard: Sendable {
    /// A state that readers share: a look copies one reference, not the state's many parts.
    final class Posting: Sendable {
        let snapshot: Snapshot
        /// Looked up once, since this is what is looked at.
        let session: ObjectInfo
        let expiresAt: Int64?

        init(_ snapshot: Snapshot) {
            self.snapshot = snapshot
            session = snapshot.session
            expiresAt = snapshot.expiresAt
        }

        /// An object as it is now.
        func current(
            _ name: ObjectName, wall: (_ end: Int64) -> Int64 = WallClock.time(near:)
        ) -> ObjectInfo {
            name == .app ? snapshot[name] : snapshot[name].unlessPast(expiresAt, wall: wall)
        }
    }

    /// What a reader sees.
    struct View: Sendable {
        /// nil until the first state is there.
        var posting: Posting?
        /// Grows with every state; 0 before the first.
        var order: UInt64 = 0
        var ending: Ending?
        /// On a board of several profiles: the newest state of each, with its order.
        var byProfile: [String: (posting: Posting, order: UInt64)] = [:]

        /// The state that follows `order`: the newest, or on a board of several profiles the oldest that is unread.
        func next(after order: UInt64) -> (snapshot: Snapshot, order: UInt64)? {
            guard self.order > order else { return nil }
            if let (posting, order) = byProfile.values.filter({ $0.order > order }).min(by: { $0.order < $1.order }) {
                return (posting.snapshot, order)
            }
            return posting.map { ($0.snapshot, self.order) }
        }
    }

    enum Ending: Sendable {
        /// The client was closed.
        case closed
        /// The server will not tell, at that time of the boot clock.
        case refused(SessionError, at: Int64)
    }

    private struct State {
        var view = View()
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter: UInt64 = 0
    }

    private let state = Mutex(State())
    private let isOfSeveral: Bool

    /// `isOfSeveral` where it has a place for each profile.
    init(isOfSeveral: Bool = false) { self.isOfSeveral = isOfSeveral }

    var view: View { state.withLock { $0.view } }

    /// What `see` takes of the newest state; nil where there is none, or where the server will not tell. `see` only
    /// copies: it is called under the lock. Inlined, as what it takes would be copied once more on its way out, which
    /// costs as much as the lock.
    @inline(__always)
    func look<Seen: Sendable>(_ see: (Posting) -> Seen) -> Seen? {
        state.withLock { state in
            if case .refused = state.view.ending { return nil }
            guard let posting = state.view.posting else { return nil }
            return see(posting)
        }
    }

    /// Puts a state up, unless a later one is. The one thread that reads the socket publishes, so that on a board of
    /// several profiles no state is mistaken for an old one.
    func publish(_ snapshot: Snapshot, order: UInt64) {
        change { view in
            guard order > view.order, view.ending == nil else { return false }
            let posting = Posting(snapshot)
            view.posting = posting
            view.order = order
            if isOfSeveral { view.byProfile[snapshot.profile] = (posting, order) }
            return true
        }
    }

    /// No state will follow.
    func end(_ ending: Ending) {
        change { view in
            guard view.ending == nil else { return false }
            view.ending = ending
            return true
        }
    }

    /// Returns when there is a state after `order`, when none will come, or when the task is cancelled.
    func wait(after order: UInt64) async -> View {
        let waiter = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    // The handler below may have run before this; it leaves the number unused then.
                    if state.view.order > order || state.view.ending != nil || Task.isCancelled { return true }
                    state.waiters[waiter] = continuation
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume()
        }
        return view
    }

    private func change(_ body: (inout View) -> Bool) {
        let waiters = state.withLock { state in
            guard body(&state.view) else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }
}
