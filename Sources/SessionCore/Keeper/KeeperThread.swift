import Dispatch
import Synchronization

/// A thread of keepers: runs pieces of tasks in the order in which they come.
final class KeeperThread: Sendable {
    /// A piece of a task, and the executor that it was given to.
    struct Piece: Sendable {
        let job: UnownedJob
        let executor: Executor
    }

    enum Executor: Sendable {
        case keeper(UnownedSerialExecutor)
        case task(UnownedTaskExecutor)
    }

    private enum Stage {
        case notStarted, running
        /// The thread waits for the bell.
        case waiting
    }

    private struct State {
        var pieces: [Piece] = []
        var stage = Stage.notStarted
    }

    private let state = Mutex(State())
    private let bell = DispatchSemaphore(value: 0)
    private let ended = Atomic<UInt64>(0)

    /// Grows while the thread gets on with its work, however much of it waits.
    var piecesEnded: UInt64 { ended.load(ordering: .relaxed) }

    func enqueue(_ piece: Piece) {
        let stage = state.withLock { state in
            defer { state.stage = .running }
            state.pieces.append(piece)
            return state.stage
        }
        switch stage {
        case .running: return
        case .waiting: bell.signal()
        case .notStarted: start()
        }
    }

    private func start() {
        do throws(OwnThread.Refused) {
            try OwnThread.start { self.run() }
        } catch {
            // The next piece tries again; while none comes through, the watchdog sees keepers that do not move.
            state.withLock { $0.stage = .notStarted }
        }
    }

    private func run() {
        var pieces: [Piece] = []
        while true {
            state.withLock { state in
                swap(&state.pieces, &pieces)
                if pieces.isEmpty { state.stage = .waiting }
            }
            if pieces.isEmpty { bell.wait() }
            for piece in pieces {
                switch piece.executor {
                case .keeper(let executor): piece.job.runSynchronously(on: executor)
                case .task(let executor): piece.job.runSynchronously(on: executor)
                }
                ended.wrappingAdd(1, ordering: .relaxed)
            }
            pieces.removeAll(keepingCapacity: true)
        }
    }
}
