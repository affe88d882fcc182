import Dispatch
import SessionTesting
import Testing

@testable import SessionCore

@Suite("Bounded calls", .timeLimit(.minutes(1)))
struct BoundedTests {
    /// A thread that waits as for a disk.
    private struct Disk: Sendable {
        private let answered = DispatchSemaphore(value: 0)

        func wait() { answered.wait() }
        func answer() { answered.signal() }
    }

    /// Asks and writes as a keeper does.
    private actor Asker {
        private let executor = KeeperExecutor.next()
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        func ask(_ call: @escaping @Sendable () async -> Int) async -> Int {
            await bounded(byMs: 1000, on: ManualClock(), late: 0, call)
        }

        func write(to disk: Disk, _ hasBegun: @Sendable () -> Void) {
            hasBegun()
            disk.wait()
        }
    }

    @Test("a call goes on while its caller's thread waits for the disk, so that an answer in time is not late")
    func blockedThread() async {
        let asker = Asker()
        let disk = Disk()
        let (service, answersOfService) = AsyncStream.makeStream(of: Int.self)
        let (asked, hasAsked) = AsyncStream.makeStream(of: Void.self)
        let (answered, hasAnswered) = AsyncStream.makeStream(of: Void.self)
        let (blocked, isBlocked) = AsyncStream.makeStream(of: Void.self)
        async let outcome = asker.ask {
            hasAsked.yield()
            let answer = await service.first { _ in true } ?? 0
            hasAnswered.yield()
            return answer
        }
        _ = await asked.first { _ in true }
        async let write: Void = asker.write(to: disk) { isBlocked.yield() }
        _ = await blocked.first { _ in true }
        answersOfService.yield(1)
        // Comes while the thread is blocked, or never.
        _ = await answered.first { _ in true }
        disk.answer()
        await write
        #expect(await outcome == 1)
    }

    @Test("the time counts from before the call, which is cancelled when it is over")
    func late() async {
        let clock = ManualClock()
        let (never, ending) = AsyncStream.makeStream(of: Void.self)
        let (cancelled, isCancelled) = AsyncStream.makeStream(of: Void.self)
        let outcome = await bounded(byMs: 1000, on: clock, late: "late") {
            clock.advance(byMs: 1000)
            for await _ in never {}
            if Task.isCancelled { isCancelled.yield() }
            return "answered"
        }
        #expect(outcome == "late")
        _ = await cancelled.first { _ in true }
        ending.finish()
    }
}
