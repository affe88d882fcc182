import Dispatch
import Synchronization

/// Runs blocking work away from Swift's cooperative threads, so many at a time and no more.
///
/// What exceeds `width` waits in order; what exceeds `waitingLimit` is refused at once. Work whose task is cancelled
/// before its turn is never started.
final class BoundedWork: Sendable {
    private struct State {
        var running = 0
        var waiting: [@Sendable () -> Void] = []
    }

    /// Why work was not done.
    enum Refusal: Error { case busy, cancelled }

    private let width: Int
    private let waitingLimit: Int
    private let queue: DispatchQueue
    private let state = Mutex(State())

    init(label: String, width: Int, waitingLimit: Int) {
        self.width = width
        self.waitingLimit = waitingLimit
        queue = DispatchQueue(label: label, attributes: .concurrent)
    }

    func run<Answer: Sendable>(_ work: @escaping @Sendable () -> Answer) async throws(Refusal) -> Answer {
        let cancellation = Cancellation()
        let outcome: Result<Answer, Refusal> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isAdmitted = admit {
                    continuation.resume(returning: cancellation.isSet ? .failure(.cancelled) : .success(work()))
                }
                if !isAdmitted { continuation.resume(returning: .failure(.busy)) }
            }
        } onCancel: {
            cancellation.set()
        }
        return try outcome.get()
    }

    private func admit(_ job: @escaping @Sendable () -> Void) -> Bool {
        let (isAdmitted, startsNow) = state.withLock { state in
            if state.running < width {
                state.running += 1
                return (true, true)
            }
            guard state.waiting.count < waitingLimit else { return (false, false) }
            state.waiting.append(job)
            return (true, false)
        }
        if startsNow { start(job) }
        return isAdmitted
    }

    private func start(_ job: @escaping @Sendable () -> Void) {
        queue.async { [self] in
            job()
            let next = state.withLock { state -> (@Sendable () -> Void)? in
                if state.waiting.isEmpty {
                    state.running -= 1
                    return nil
                }
                return state.waiting.removeFirst()
            }
            if let next { start(next) }
        }
    }
}

private final class Cancellation: Sendable {
    private let flag = Atomic(false)
    var isSet: Bool { flag.load(ordering: .acquiring) }
    func set() { flag.store(true, ordering: .releasing) }
}
