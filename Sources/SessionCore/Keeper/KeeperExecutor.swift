import Dispatch

/// Runs one keeper on a queue of its own.
///
/// A keeper writes and fsyncs between two steps that nothing may come between, so it blocks its thread for as long as
/// the disk takes. On the cooperative pool (two threads on a small machine) a slow disk would stop everything else.
final class KeeperExecutor: SerialExecutor {
    private let queue: DispatchQueue

    init(profile: String) { queue = DispatchQueue(label: "keeper.\(profile)") }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // The last job may let go of the actor and so of us: the queue holds us until it has returned.
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
