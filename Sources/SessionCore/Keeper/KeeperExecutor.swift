import Dispatch
import Synchronization

/// Runs one keeper, a step at a time, away from Swift's cooperative threads.
///
/// A keeper writes and fsyncs between two steps that nothing may come between, so it blocks its thread for as long as
/// the disk takes. On the cooperative pool (two threads on a small machine) a slow disk would stop everything else. All
/// keepers share a few threads: a queue of its own for each gets a thread for each as soon as they wait for the disk
/// together, as they do at start.
final class KeeperExecutor: SerialExecutor {
    private static let lanes = (0..<8).map { DispatchQueue(label: "keepers.\($0)") }
    private static let made = Atomic(0)

    private let queue: DispatchQueue

    init(profile: String) {
        let number = Self.made.wrappingAdd(1, ordering: .relaxed).oldValue
        queue = DispatchQueue(label: "keeper.\(profile)", target: Self.lanes[number % Self.lanes.count])
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // The last job may let go of the actor and so of us: the queue holds us until it has returned.
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
