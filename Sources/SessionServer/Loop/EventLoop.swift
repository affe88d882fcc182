import CLinux
import Glibc
import SessionCore

/// The isolation in which everything about sockets happens: one thread that waits for the kernel, and its state.
///
/// Other code comes in as any actor's does, by `await`, or leaves a visit and goes on. The thread itself is in the
/// isolation for as long as it runs, and serves what is ready without a task, a hop or an allocation.
actor EventLoop {
    nonisolated let executor: LoopExecutor
    private let gate: LoopGate
    private let server: ServerLoop

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private init(_ gate: LoopGate, _ server: sending ServerLoop) {
        self.gate = gate
        executor = LoopExecutor(gate)
        self.server = server
    }

    /// Makes what the loop serves, and starts its thread, which runs until `end`.
    static func start(_ make: (LoopGate) -> sending ServerLoop) throws(LoopError) -> EventLoop {
        let gate = try LoopGate()
        let loop = EventLoop(gate, make(gate))
        do throws(OwnThread.Refused) {
            try OwnThread.start {
                gate.enter()
                loop.assumeIsolated { $0.run() }
            }
        } catch {
            throw LoopError(call: "pthread_create", errno: error.errno)
        }
        return loop
    }

    /// Ends the thread. Nobody may await the loop any more, or ever again: nothing would run what it waits for.
    nonisolated func end() { executor.gate.end() }

    func visit<Answer: Sendable>(_ body: @Sendable (ServerLoop) -> Answer) -> Answer { body(server) }

    /// Leaves something to do, in the order of calls. Any thread may call it; it does not wait.
    nonisolated func leave(_ visit: @escaping @Sendable (ServerLoop) -> Void) { executor.gate.leave(.visit(visit)) }

    private func run() {
        var ready = [cl_readiness](repeating: cl_readiness(), count: 64)
        var limitMs: Int64?
        while !gate.hasEnded {
            let count = gate.poller.wait(&ready, limitMs: limitMs)
            if server.serve(ready, count) {
                for errand in gate.takeErrands() {
                    switch errand {
                    case .job(let job): job.runSynchronously(on: unownedExecutor)
                    case .visit(let visit): visit(server)
                    }
                }
            }
            limitMs = server.elapse()
        }
        server.end()
    }
}

/// Runs the loop's tasks on its thread.
final class LoopExecutor: SerialExecutor {
    let gate: LoopGate

    init(_ gate: LoopGate) { self.gate = gate }

    func enqueue(_ job: consuming ExecutorJob) { gate.leave(.job(UnownedJob(job))) }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    func isIsolatingCurrentContext() -> Bool? { gate.isOnThread }

    func checkIsolated() { precondition(gate.isOnThread, "not on the event loop's thread") }
}
