import Glibc
import Synchronization

/// One image of the service's state, kept by the manager from process to process, in sealed memory under a name.
///
/// A new image goes under a free name before the last one goes, so that whenever the process dies there is one. The names
/// tell nothing. `replace`, `retire` and `discard` are not for two threads at once.
package final class ImageShelf: Sendable {
    /// Two take turns; the third is for when one of them holds an image that cannot be opened yet.
    package static let names = ["state-a", "state-b", "state-c"]

    private struct State {
        /// Under these the manager may keep something.
        var taken: Set<String>
        /// Of those, the ones that go once there is a newer image.
        var last: Set<String> = []
        /// Of those, the ones that are to go as soon as the manager listens.
        var overdue: Set<String> = []
    }

    private let manager: any ServiceManager
    private let state: Mutex<State>

    /// - Parameter taken: the names under which this process was handed something.
    package init(manager: any ServiceManager, taken: Set<String>) {
        self.manager = manager
        state = Mutex(State(taken: taken))
    }

    /// Puts an image in the place of the last. When this throws, the last is to go too: it is older than what callers are
    /// about to be told.
    package func replace(with image: [UInt8]) throws(ServiceManagerError) {
        letGoOfOverdue()
        let free = state.withLock { state in
            let free = Self.names.first { !state.taken.contains($0) }
            if let free { state.taken.insert(free) }
            return free
        }
        do throws(ServiceManagerError) {
            guard let free else { throw .failed(call: "FDSTORE", errno: EBUSY) }
            try SealedMemory.with(image, named: free) { descriptor throws(ServiceManagerError) in
                _ = try manager.keep(descriptor, as: free)
            }
        } catch {
            // What of it has reached the manager nobody knows.
            state.withLock { state in
                state.overdue.formUnion(state.last)
                if let free { state.overdue.insert(free) }
                state.last = []
            }
            letGoOfOverdue()
            throw error
        }
        state.withLock { state in
            state.overdue.formUnion(state.last)
            state.last = free.map { [$0] } ?? []
        }
        letGoOfOverdue()
    }

    /// What was handed in under this name goes once there is a newer image.
    package func retire(_ name: String) {
        state.withLock { _ = $0.last.insert(name) }
    }

    /// What was handed in under this name goes now.
    package func discard(_ name: String) {
        state.withLock { _ = $0.overdue.insert(name) }
        letGoOfOverdue()
    }

    /// A manager that does not listen now may listen at the next change.
    private func letGoOfOverdue() {
        for name in state.withLock({ $0.overdue }) {
            guard (try? manager.letGo(of: name)) != nil else { return }
            state.withLock { state in
                state.overdue.remove(name)
                state.taken.remove(name)
            }
        }
    }
}
