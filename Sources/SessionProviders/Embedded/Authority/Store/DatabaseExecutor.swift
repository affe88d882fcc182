import Dispatch

/// One serial queue, for an actor whose work blocks: on Swift's own few threads it would hold up everything else.
final class DatabaseExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "sessiond.authority.database")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        queue.async { job.runSynchronously(on: executor) }
    }

    /// Lets `assumeIsolated` hold within `sync`.
    func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }

    /// Blocks until it is this work's turn and it is done. Never called from the queue itself.
    func sync<Answer>(_ work: () throws -> Answer) rethrows -> Answer { try queue.sync(execute: work) }
}
