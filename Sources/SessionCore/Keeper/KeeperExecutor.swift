import Synchronization

/// Runs keepers, each always on the same one of a few threads.
///
/// A keeper writes and fsyncs between two steps that nothing may come between, so it blocks its thread for as long as
/// the disk takes. On the cooperative pool (two threads on a small machine) a slow disk would stop everything else. A
/// thread for every keeper would cost one for every keeper that waits its turn at the vault, and a queue of libdispatch's
/// wakes another of its threads nearly every time.
final class KeeperExecutor: SerialExecutor {
    private static let all = (1...4).map { _ in KeeperExecutor(KeeperThread()) }
    private static let handedOut = Atomic(0)

    /// The executor for one more keeper.
    static func next() -> KeeperExecutor {
        all[handedOut.wrappingAdd(1, ordering: .relaxed).oldValue % all.count]
    }

    private let thread: KeeperThread
    /// For what a keeper's own tasks do outside its isolation, on the same thread: by way of Swift's pool they would wake
    /// another for it. Nothing that a limit of time is for: the thread may wait for the disk.
    let ofTasks: KeeperTaskExecutor

    private init(_ thread: KeeperThread) {
        self.thread = thread
        ofTasks = KeeperTaskExecutor(thread)
    }

    /// Grows while the executor gets on with its work, however much of it waits.
    var jobsEnded: UInt64 { thread.piecesEnded }

    func enqueue(_ job: consuming ExecutorJob) {
        thread.enqueue(
            KeeperThread.Piece(job: UnownedJob(job), executor: .keeper(asUnownedSerialExecutor())))
    }
}

/// Runs what a keeper's tasks do outside its isolation.
final class KeeperTaskExecutor: TaskExecutor {
    private let thread: KeeperThread

    init(_ thread: KeeperThread) { self.thread = thread }

    func enqueue(_ job: consuming ExecutorJob) {
        thread.enqueue(KeeperThread.Piece(job: UnownedJob(job), executor: .task(asUnownedTaskExecutor())))
    }
}
