import CLinux
import Glibc

/// The isolation in which everything about sockets happens: one thread that waits for the kernel, and its state.
///
/// Other code comes in as any actor's does, by `await`, or leaves a visit and goes on. The thread itself serves what is
/// ready without a task, a hop or an allocation. It ends with the last reference to this.
actor EventLoop {
    nonisolated let executor: LoopExecutor
    let server: ServerLoop

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private init(_ gate: LoopGate, _ server: sending ServerLoop) {
        executor = LoopExecutor(gate)
        self.server = server
    }

    /// Makes what the loop serves, and starts its thread.
    static func start(_ make: (LoopGate) -> sending ServerLoop) throws(LoopError) -> EventLoop {
        let gate = try LoopGate()
        let loop = EventLoop(gate, make(gate))
        try LoopThread.start { [weak loop] in Self.run(loop: { loop }, gate) }
        return loop
    }

    func visit<Answer: Sendable>(_ body: @Sendable (ServerLoop) -> Answer) -> Answer { body(server) }

    /// Leaves something to do, in the order of calls. Any thread may call it; it does not wait.
    nonisolated func leave(_ visit: @escaping @Sendable (ServerLoop) -> Void) { executor.gate.leave(.visit(visit)) }

    /// What the thread does. It holds the loop only while there is something to do for it.
    private static func run(loop: () -> EventLoop?, _ gate: LoopGate) {
        gate.enter()
        var ready = [cl_readiness](repeating: cl_readiness(), count: 64)
        var limitMs: Int64?
        while !gate.hasEnded {
            let count = gate.poller.wait(&ready, limitMs: limitMs)
            guard let loop = loop() else { return }
            let hasErrands = loop.assumeIsolated { [ready] loop in loop.server.serve(ready, count) }
            if hasErrands { loop.run(gate.takeErrands()) }
            limitMs = loop.assumeIsolated { $0.server.elapse() }
        }
    }

    private nonisolated func run(_ errands: [LoopGate.Errand]) {
        for errand in errands {
            switch errand {
            case .job(let job): job.runSynchronously(on: unownedExecutor)
            case .visit(let visit): assumeIsolated { visit($0.server) }
            }
        }
    }
}

/// Runs the loop's tasks on its thread.
final class LoopExecutor: SerialExecutor {
    let gate: LoopGate

    init(_ gate: LoopGate) { self.gate = gate }

    deinit { gate.end() }

    func enqueue(_ job: consuming ExecutorJob) { gate.leave(.job(UnownedJob(job))) }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    func isIsolatingCurrentContext() -> Bool? { gate.isOnThread }

    func checkIsolated() { precondition(gate.isOnThread, "not on the event loop's thread") }
}
