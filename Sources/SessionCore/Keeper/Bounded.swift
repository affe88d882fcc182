import Synchronization

/// Runs a call, most often to a provider, for at most `limitMs` milliseconds; `late` is the answer where it takes
/// longer.
///
/// A call that ignores its cancellation cannot hold the caller up: its answer, whenever it comes, is dropped.
///
/// The call runs on Swift's pool, whatever the caller runs on: a keeper's thread may wait for the disk, and the answer must
/// not be late for that.
package func bounded<Answer: Sendable>(
    byMs limitMs: Int64, on clock: any KeeperClock, late: Answer, _ call: @escaping @Sendable () async -> Answer
) async -> Answer {
    let race = Race<Answer>()
    // The time counts from here, whenever a thread is free for the call.
    let alarm = clock.alarm(at: Wake(boot: clock.now().boot + limitMs)) { race.finish(with: late) }
    let work = Task { race.finish(with: await call()) }
    let answer = await race.first()
    alarm.cancel()
    work.cancel()
    return answer
}

/// Keeps the first of several answers for the one who waits.
package final class Race<Answer: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Answer, Never>)
        case finished(Answer)
        case taken
    }
    private let state = Mutex(State.open)

    package init() {}

    package func finish(with answer: Answer) {
        let waiter: CheckedContinuation<Answer, Never>? = state.withLock { state in
            switch state {
            case .open:
                state = .finished(answer)
                return nil
            case .awaited(let waiter):
                state = .taken
                return waiter
            case .finished, .taken: return nil
            }
        }
        waiter?.resume(returning: answer)
    }

    /// Call it once.
    package func first() async -> Answer {
        await withCheckedContinuation { continuation in
            let answer: Answer? = state.withLock { state in
                guard case .finished(let answer) = state else {
                    state = .awaited(continuation)
                    return nil
                }
                state = .taken
                return answer
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }
}
