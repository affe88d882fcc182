import Synchronization

@testable import SessionVault

/// A service manager's store, in memory.
final class MemoryPlace: ImagePlace {
    private struct State {
        var image: [UInt8]?
        var stored = 0
        var retired: [String] = []
        var discarded: [String] = []
        var failure: ImageNotKept?
        var onReplace: @Sendable () -> Void = {}
    }
    private let state = Mutex(State())

    var image: [UInt8]? { state.withLock { $0.image } }
    var stored: Int { state.withLock { $0.stored } }
    var retired: [String] { state.withLock { $0.retired } }
    var discarded: [String] { state.withLock { $0.discarded } }
    /// Every image is refused with this until it is nil again.
    var failure: ImageNotKept? {
        get { state.withLock { $0.failure } }
        set { state.withLock { $0.failure = newValue } }
    }

    func onReplace(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.onReplace = body } }

    func replace(with image: [UInt8]) throws(ImageNotKept) {
        state.withLock { $0.onReplace }()
        let failure = state.withLock { state in
            state.image = state.failure == nil ? image : nil
            if state.failure == nil { state.stored += 1 }
            return state.failure
        }
        if let failure { throw failure }
    }

    func retire(_ name: String) { state.withLock { $0.retired.append(name) } }
    func discard(_ name: String) { state.withLock { $0.discarded.append(name) } }

    /// What the next process is handed.
    func offered(as name: String = "state-a") -> [OfferedImage] {
        image.map { [OfferedImage(name: name, bytes: $0)] } ?? []
    }
}
