import SessionCore
import Synchronization
import Testing

@testable import DaemonProcess

@Suite("Sleepers and alarms of the boot clock", .timeLimit(.minutes(1)))
struct SleepersTests {
    private let clock = SystemClock()

    /// What has rung, in that order.
    private final class Bells: Sendable {
        private let rung = Mutex<[Int]>([])
        private let (stream, continuation) = AsyncStream.makeStream(of: Int.self)

        func ring(_ number: Int) {
            rung.withLock { $0.append(number) }
            continuation.yield(number)
        }

        var all: [Int] { rung.withLock { $0 } }

        func wait(for count: Int) async {
            var left = count
            for await _ in stream {
                left -= 1
                if left == 0 { return }
            }
        }
    }

    @Test(
        "alarms ring in the order of their times, whatever the order in which they were set, and none before its time")
    func order() async {
        let bells = Bells()
        // All are set before the first is due.
        let start = clock.now().boot + 500
        let delays = [40, 10, 30, 20, 0]
        for delay in delays {
            _ = clock.alarm(at: Wake(boot: start + Int64(delay))) { [clock] in
                if clock.now().boot >= start + Int64(delay) { bells.ring(delay) }
            }
        }
        await bells.wait(for: delays.count)
        #expect(bells.all == delays.sorted())
    }

    @Test("those that may be late come together")
    func together() async {
        let moments = Mutex<Set<Int64>>([])
        let bells = Bells()
        // From a multiple of the tolerance on, so that one shared time fits all.
        let start = (clock.now().boot + 128) & ~63
        for late in 1..<60 {
            _ = clock.alarm(at: Wake(boot: start + Int64(late), toleranceMs: 64)) { [clock] in
                _ = moments.withLock { $0.insert(clock.now().boot >= start + 64 ? 1 : 0) }
                bells.ring(late)
            }
        }
        await bells.wait(for: 59)
        #expect(moments.withLock { $0 } == [1])
    }

    @Test("a cancelled alarm does not ring, and the others do")
    func cancelled() async {
        let bells = Bells()
        let start = clock.now().boot
        let alarms = (0..<100).map { number in
            clock.alarm(at: Wake(boot: start + 200)) { bells.ring(number) }
        }
        for number in stride(from: 0, to: 100, by: 2) { alarms[number].cancel() }
        await bells.wait(for: 50)
        #expect(bells.all.sorted() == Array(stride(from: 1, to: 100, by: 2)))
        for alarm in alarms { alarm.cancel() }
    }

    @Test("every sleeper wakes or is cancelled, though many of them lie down, wake and are cancelled at once")
    func crowd() async {
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<500 {
                group.addTask { [clock] in
                    let sleeper = Task { try await clock.sleep(untilBoot: clock.now().boot + Int64(number % 7)) }
                    if number.isMultiple(of: 3) { sleeper.cancel() }
                    switch await sleeper.result {
                    case .success: return true
                    case .failure(let error): return error is CancellationError && number.isMultiple(of: 3)
                    }
                }
            }
            for await isOver in group { #expect(isOver) }
        }
    }

    @Test("an alarm of a clock that only sleeps rings too, unless it is cancelled")
    func sleeping() async {
        let bells = Bells()
        clock.sleepingAlarm(at: Wake(boot: clock.now().boot + 60_000)) { bells.ring(0) }.cancel()
        _ = clock.sleepingAlarm(at: Wake(boot: clock.now().boot + 5)) { bells.ring(1) }
        await bells.wait(for: 1)
        #expect(bells.all == [1])
    }
}
