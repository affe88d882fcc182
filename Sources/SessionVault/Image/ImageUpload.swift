import Dispatch
import Synchronization

/// Carries images to their place, one at a time and on a thread of its own, which may wait for the service manager.
///
/// Who comes while one is on its way waits for the next, which carries what all of them have brought. A manager that does
/// not answer holds nobody up for longer than once for a second: an image is a convenience, and the disk has the record.
///
/// The manager may then hold an image that is older than what callers are told, and only the disk can say so: before they
/// are told, a mark is set there that has the next process believe no image, until a newer one has arrived.
final class ImageUpload: Sendable {
    /// What there is to carry.
    struct Cargo {
        let version: UInt64
        /// What becomes of the last process's images: carried out first.
        var decisions: [ImageState.Decision] = []
        /// nil where nothing can be sealed.
        var image: Result<[UInt8], ImageNotKept>?
    }

    private struct State {
        /// The version that has been brought, as well as it could be, and the one that is asked for.
        var brought: UInt64 = 0
        var wanted: UInt64 = 0
        var waiting: [(version: UInt64, arrival: DispatchSemaphore)] = []
        var isRunning = false
        /// Whoever waited last has given up: nobody waits until there is an answer.
        var isLate = false
        var problem: String?
    }

    private let place: any ImagePlace
    private let report: @Sendable (VaultEvent) -> Void
    private let mark: ImageMark
    private let queue = DispatchQueue(label: "sessiond.images", qos: .userInitiated)
    private let state = Mutex(State())
    private let patience: DispatchTimeInterval

    init(
        to place: any ImagePlace, patience: DispatchTimeInterval = .seconds(1),
        mark: ImageMark, report: @escaping @Sendable (VaultEvent) -> Void
    ) {
        self.place = place
        self.patience = patience
        self.mark = mark
        self.report = report
    }

    /// Comes back when an image of this version or a later one has been brought. `cargo` is asked for the newest.
    func bring(_ version: UInt64, _ cargo: @escaping @Sendable () -> Cargo) {
        let arrival = DispatchSemaphore(value: 0)
        let (mustRun, mustWait) = state.withLock { state in
            guard version > state.brought else { return (false, false) }
            state.wanted = max(state.wanted, version)
            if !state.isLate { state.waiting.append((version, arrival)) }
            defer { state.isRunning = true }
            return (!state.isRunning, !state.isLate)
        }
        if mustRun { queue.async { self.run(cargo) } }
        guard mustWait, arrival.wait(timeout: .now() + patience) == .timedOut else { return }
        // Before anybody stops waiting: who finds `isLate` counts on the mark.
        mark.set(for: version)
        let isLate = state.withLock { state in
            if version > state.brought { state.isLate = true }
            return state.isLate
        }
        // It has arrived in this very moment.
        guard isLate else { return mark.clear(upTo: version) }
        tell("it does not answer")
    }

    private func run(_ cargo: () -> Cargo) {
        var isWanted = true
        while isWanted {
            let next = cargo()
            let isBrought = carry(next)
            if isBrought == false { mark.set(for: next.version) }
            let arrived: [DispatchSemaphore]
            (arrived, isWanted) = state.withLock { state in
                state.brought = next.version
                state.isLate = false
                let arrived = state.waiting.filter { $0.version <= next.version }.map(\.arrival)
                state.waiting.removeAll { $0.version <= next.version }
                state.isRunning = state.wanted > next.version
                return (arrived, state.isRunning)
            }
            if isBrought == true, !isWanted { mark.clear(upTo: next.version) }
            for one in arrived { one.signal() }
        }
    }

    /// Whether the image could be brought; nil where there is none.
    private func carry(_ cargo: Cargo) -> Bool? {
        for decision in cargo.decisions {
            switch decision {
            case .retire(let name): place.retire(name)
            case .discard(let name): place.discard(name)
            }
        }
        guard let image = cargo.image else { return nil }
        do throws(ImageNotKept) {
            try place.replace(with: try image.get())
            state.withLock { $0.problem = nil }
            return true
        } catch {
            tell(error.why)
            return false
        }
    }

    private func tell(_ problem: String) {
        let isNews = state.withLock { state in
            defer { state.problem = problem }
            return state.problem != problem
        }
        if isNews { report(.imageNotStored(why: problem)) }
    }
}
