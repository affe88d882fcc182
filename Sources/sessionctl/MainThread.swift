import Glibc
import Synchronization

/// Runs the tool's tasks on the main thread, which has nothing else to do: to start the threads of Swift's own pool takes
/// longer than a short run takes otherwise.
final class MainThread: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])
    /// Counts the jobs that nobody has taken. Any thread may post and wait (sem_overview(7)); the address never changes,
    /// and the memory lives as long as the process.
    private nonisolated(unsafe) let waiting: UnsafeMutablePointer<sem_t>

    init() {
        waiting = .allocate(capacity: 1)
        sem_init(waiting, 0, 0)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        sem_post(waiting)
    }

    /// Runs jobs on the calling thread until the process exits.
    func run() -> Never {
        while true {
            // A signal's handler ends the wait early.
            guard sem_wait(waiting) == 0 else { continue }
            let job = jobs.withLock { $0.removeFirst() }
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
