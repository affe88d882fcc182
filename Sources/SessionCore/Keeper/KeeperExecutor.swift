import Dispatch
import Synchronization

/// Runs keepers, each always on the same one of a few queues.
///
/// A keeper writes and fsyncs between two steps that nothing may come between, so it blocks its thread for as long as
/// the disk takes. On the cooperative pool (two threads on a small machine) a slow disk would stop everything else. A
/// queue for every keeper would cost a thread for every keeper that waits its turn at the vault.
final class KeeperExecutor: SerialExecutor {
    private static let all = (1...4).map { KeeperExecutor(label: "sessiond.keepers.\($0)") }
    private static let handedOut = Atomic(0)

    /// The executor for one more keeper.
    static func next() -> KeeperExecutor {
        all[handedOut.wrappingAdd(1, ordering: .relaxed).oldValue % all.count]
    }

    private let queue: DispatchQueue
    private let ended = Atomic<UInt64>(0)

    /// Grows while the executor gets on with its work, however much of it waits.
    var jobsEnded: UInt64 { ended.load(ordering: .relaxed) }

    private init(label: String) { queue = DispatchQueue(label: label) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        queue.async {
            job.runSynchronously(on: executor)
            self.ended.wrappingAdd(1, ordering: .relaxed)
        }
    }
}
