import CLinux
import Glibc
import SessionCore
import Synchronization

/// Wakes whoever sleeps until a time of the boot clock: one thread and one timer of the kernel's for all of them.
///
/// Nearly every alarm is the limit of a call, and cancelled when that has its answer: it is put into the heap and taken
/// out again, and no thread hears of it. A sleep of Swift's own is a timer of libdispatch's, whose thread is woken to set
/// it and to take it back.
final class Sleepers: Sendable {
    /// The process's own; nil where the kernel gives no timer or no thread.
    static let ofProcess = Sleepers()

    private enum Sleeper: Sendable {
        /// Told whether it has slept to the end.
        case task(CheckedContinuation<Bool, Never>)
        case action(@Sendable () -> Void)

        func end(hasSlept: Bool) {
            switch self {
            case .task(let continuation): continuation.resume(returning: hasSlept)
            case .action(let action): if hasSlept { action() }
            }
        }
    }

    private struct State {
        var alarms = Alarms<UInt64>()
        var sleeping: [UInt64: Sleeper] = [:]
        var lastNumber: UInt64 = 0
        /// When the kernel's timer fires.
        var armedFor: Int64?

        mutating func reserve() -> UInt64 {
            lastNumber += 1
            return lastNumber
        }
    }
    private let state = Mutex(State())
    private let timer: CInt

    /// Its thread runs until the process ends.
    private init?() {
        timer = cl_boot_timer()
        guard timer >= 0 else { return nil }
        do throws(OwnThread.Refused) {
            try OwnThread.start { [self] in run() }
        } catch {
            close(timer)
            return nil
        }
    }

    /// Returns when the boot clock has reached `boot` milliseconds, at once where it has.
    func sleep(untilBoot boot: Int64) async throws(CancellationError) {
        if Task.isCancelled { throw CancellationError() }
        guard boot > cl_boot_milliseconds() else { return }
        let number = state.withLock { $0.reserve() }
        let hasSlept = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { add(.task(continuation), as: number, until: boot, &$0) }
                // One that was cancelled before it lay down was not found by its cancellation.
                if Task.isCancelled { cancel(number) }
            }
        } onCancel: {
            cancel(number)
        }
        if !hasSlept { throw CancellationError() }
    }

    /// Calls `action` on the thread of all alarms.
    func alarm(at time: Wake, _ action: @escaping @Sendable () -> Void) -> Alarm {
        let number = state.withLock { state in
            let number = state.reserve()
            add(.action(action), as: number, until: time.shared, &state)
            return number
        }
        return Alarm { [self] in cancel(number) }
    }

    private func add(_ sleeper: Sleeper, as number: UInt64, until boot: Int64, _ state: inout State) {
        state.sleeping[number] = sleeper
        state.alarms.set(number, at: boot)
        arm(&state)
    }

    private func cancel(_ number: UInt64) {
        let sleeper = state.withLock { state in
            state.alarms.remove(number)
            arm(&state)
            return state.sleeping.removeValue(forKey: number)
        }
        sleeper?.end(hasSlept: false)
    }

    /// Has the timer fire for the earliest, and for nobody else.
    private func arm(_ state: inout State) {
        guard state.alarms.next != state.armedFor else { return }
        state.armedFor = state.alarms.next
        // Refused are times that are none (timerfd_settime(2)), and these are spans.
        let now = cl_boot_milliseconds()
        _ = cl_boot_timer_set(timer, state.armedFor.map { $0 > now ? $0 - now : 0 } ?? -1)
    }

    private func run() {
        while cl_boot_timer_wait(timer) == 0 {
            let woken = state.withLock { state in
                let now = cl_boot_milliseconds()
                var woken: [Sleeper] = []
                while let number = state.alarms.due(at: now) {
                    if let sleeper = state.sleeping.removeValue(forKey: number) { woken.append(sleeper) }
                }
                state.armedFor = nil
                arm(&state)
                return woken
            }
            for sleeper in woken { sleeper.end(hasSlept: true) }
        }
    }
}
