package import SessionCore
import Synchronization

/// A clock that moves when a test says so.
///
/// A test can wait until somebody sleeps on it, so that "the keeper has armed its next deadline" is an event and not a
/// hope.
package final class ManualClock: KeeperClock {
    private struct Sleeper {
        let boot: Int64
        let continuation: CheckedContinuation<Bool, Never>
    }
    private struct Watcher {
        let id: String
        let boot: Int64
        let continuation: CheckedContinuation<Void, Never>
    }
    private struct State {
        var wall: Int64
        var boot: Int64
        var nextID = 0
        var sleepers: [Int: Sleeper] = [:]
        var cancelled: Set<Int> = []
        var watchers: [Watcher] = []
        var dice = 0.5
        var bootID: String?
        var alarmsSet = 0
    }
    private let state: Mutex<State>

    package init(wall: Int64 = 1_763_750_000_000, boot: Int64 = 1_000_000, bootID: String? = nil) {
        state = Mutex(State(wall: wall, boot: boot, bootID: bootID))
    }

    package var bootID: String? { state.withLock { $0.bootID } }

    /// The machine starts again: its boot clock begins anew.
    package func reboot(as bootID: String) {
        state.withLock { state in
            state.bootID = bootID
            state.boot = 5000
        }
    }

    package func now() -> Moment { state.withLock { Moment(wall: $0.wall, boot: $0.boot) } }

    package func random() -> Double { state.withLock { $0.dice } }

    /// Time passes on both clocks, suspend included.
    package func advance(byMs milliseconds: Int64) {
        move { state in
            state.wall += milliseconds
            state.boot += milliseconds
        }
    }

    /// Somebody sets the wall clock; no time passes.
    package func stepWall(byMs milliseconds: Int64) {
        move { $0.wall += milliseconds }
    }

    private func move(_ change: (inout State) -> Void) {
        let due = state.withLock { state in
            change(&state)
            let due = state.sleepers.filter { $0.value.boot <= state.boot }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.boot < $1.boot }
        }
        for sleeper in due { sleeper.continuation.resume(returning: true) }
    }

    package func sleep(untilBoot boot: Int64) async throws(CancellationError) {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let isDue = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                register(id, Sleeper(boot: boot, continuation: continuation))
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.cancelled.insert(id)
                return state.sleepers.removeValue(forKey: id)
            }
            sleeper?.continuation.resume(returning: false)
        }
        if !isDue { throw CancellationError() }
    }

    package func alarm(at time: Wake, _ action: @escaping @Sendable () -> Void) -> Alarm {
        state.withLock { $0.alarmsSet += 1 }
        return sleepingAlarm(at: time, action)
    }

    /// How many alarms have been set so far.
    package var alarmsSet: Int { state.withLock { $0.alarmsSet } }

    private func register(_ id: Int, _ sleeper: Sleeper) {
        enum Fate { case due, cancelled, asleep([Watcher]) }
        let fate: Fate = state.withLock { state in
            if state.cancelled.remove(id) != nil { return .cancelled }
            if sleeper.boot <= state.boot { return .due }
            state.sleepers[id] = sleeper
            let seen = state.watchers.filter { $0.boot >= sleeper.boot }
            state.watchers.removeAll { $0.boot >= sleeper.boot }
            return .asleep(seen)
        }
        switch fate {
        case .due: sleeper.continuation.resume(returning: true)
        case .cancelled: sleeper.continuation.resume(returning: false)
        case .asleep(let watchers): for watcher in watchers { watcher.continuation.resume() }
        }
    }

    /// Returns once somebody sleeps until at most `milliseconds` from now.
    package func sleeperArrives(withinMs milliseconds: Int64) async {
        let id = newIdentifier()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    let boot = state.boot + milliseconds
                    if Task.isCancelled || state.sleepers.values.contains(where: { $0.boot <= boot }) { return true }
                    state.watchers.append(Watcher(id: id, boot: boot, continuation: continuation))
                    return false
                }
                if isThere { continuation.resume() }
            }
        } onCancel: {
            let watcher = state.withLock { state in
                state.watchers.firstIndex { $0.id == id }.map { state.watchers.remove(at: $0) }
            }
            watcher?.continuation.resume()
        }
    }

    /// How many are asleep: a leak check.
    package var sleeperCount: Int { state.withLock { $0.sleepers.count } }
}
