import Dispatch
import Synchronization

/// Runs keepers, each always on the same one of a few threads.
///
/// A keeper writes and fsyncs between two steps that nothing may come between, so it blocks its thread for as long as
/// the disk takes. On the cooperative pool (two threads on a small machine) a slow disk would stop everything else. A
/// thread for every keeper would cost one for every keeper that waits its turn at the vault, and a queue of libdispatch's
/// wakes another of its threads nearly every time.
final class KeeperExecutor: SerialExecutor {
    private static let all = (1...4).map { _ in KeeperExecutor() }
    private static let handedOut = Atomic(0)

    /// The executor for one more keeper.
    static func next() -> KeeperExecutor {
        all[handedOut.wrappingAdd(1, ordering: .relaxed).oldValue % all.count]
    }

    private enum Stage {
        case notStarted, running
        /// The thread waits for the bell.
        case waiting
    }

    private struct State {
        var jobs: [UnownedJob] = []
        var stage = Stage.notStarted
    }

    private let state = Mutex(State())
    private let bell = DispatchSemaphore(value: 0)
    private let ended = Atomic<UInt64>(0)

    private init() {}

    /// Grows while the executor gets on with its work, however much of it waits.
    var jobsEnded: UInt64 { ended.load(ordering: .relaxed) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let stage = state.withLock { state in
            defer { state.stage = .running }
            state.jobs.append(job)
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
            // The next job tries again; while none comes through, the watchdog sees keepers that do not move.
            state.withLock { $0.stage = .notStarted }
        }
    }

    private func run() {
        let executor = asUnownedSerialExecutor()
        var jobs: [UnownedJob] = []
        while true {
            state.withLock { state in
                swap(&state.jobs, &jobs)
                if jobs.isEmpty { state.stage = .waiting }
            }
            if jobs.isEmpty { bell.wait() }
            for job in jobs {
                job.runSynchronously(on: executor)
                ended.wrappingAdd(1, ordering: .relaxed)
            }
            jobs.removeAll(keepingCapacity: true)
        }
    }
}
