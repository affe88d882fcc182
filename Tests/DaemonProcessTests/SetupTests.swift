import Glibc
import SessionCore
import Synchronization
import Testing

@testable import DaemonProcess

@Suite("Process set-up")
struct SetupTests {
    @Test("a hardened process leaves no dump, opens files for its owner alone and takes all the descriptors it may")
    func hardening() async {
        await #expect(processExitsWith: .success) {
            #expect(ProcessHardening.apply().isEmpty)
            var core = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &core)
            #expect(core.rlim_cur == 0 && core.rlim_max == 0)
            var files = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
            #expect(files.rlim_cur == files.rlim_max)
            #expect(umask(0) == 0o077)
            // prctl(PR_GET_DUMPABLE), which the Glibc module hides as it is variadic.
            typealias Call = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
            let prctl = unsafeBitCast(try #require(dlsym(nil, "prctl")), to: Call.self)
            #expect(prctl(3, 0, 0, 0, 0) == 0)
            kill(getpid(), SIGPIPE)
        }
    }

    @Test("hardening twice is as good as once")
    func hardeningTwice() async {
        await #expect(processExitsWith: .success) {
            #expect(ProcessHardening.apply().isEmpty)
            #expect(ProcessHardening.apply().isEmpty)
        }
    }

    @Test("signals arrive as values and end nothing, until the listener is stopped")
    func signals() async {
        await #expect(processExitsWith: .success) {
            let listener = try SignalListener()
            // Sent at once, and before anybody reads.
            kill(getpid(), SIGHUP)
            var received = listener.signals.makeAsyncIterator()
            #expect(await received.next() == .hangUp)
            for expected in [ProcessSignal.terminate, .interrupt, .hangUp] {
                kill(getpid(), expected.number)
                #expect(await received.next() == expected)
            }
            #expect(throws: LinuxError(call: "signal listener", errno: EBUSY)) { try SignalListener() }
            listener.stop()
            #expect(await received.next() == nil)
            kill(getpid(), SIGTERM)
        }
    }

    @Test("a failed call says which and why")
    func linuxError() {
        #expect(LinuxError(call: "prctl", errno: EPERM).description == "prctl failed: Operation not permitted")
    }
}

@Suite("Clocks")
struct ClockTests {
    @Test("both clocks run, the boot clock never backwards")
    func now() {
        let clock = SystemClock()
        let first = clock.now()
        let second = clock.now()
        #expect(first.wall > 1_700_000_000_000)
        #expect(first.boot > 0 && second.boot >= first.boot)
    }

    @Test("a deadline that has passed does not wait", arguments: [Int64.min, -1, 0])
    func past(boot: Int64) async throws {
        try await SystemClock().sleep(untilBoot: boot)
    }

    @Test("sleep ends at its deadline and not before", .timeLimit(.minutes(1)))
    func deadline() async throws {
        let clock = SystemClock()
        let deadline = clock.now().boot + 30
        try await clock.sleep(untilBoot: deadline)
        #expect(clock.now().boot >= deadline)
    }

    @Test(
        "cancelling ends even the farthest sleep", .timeLimit(.minutes(1)),
        arguments: [Int64.max, 4_000_000_000_000_000])
    func cancellation(boot: Int64) async {
        let sleeper = Task { try await SystemClock().sleep(untilBoot: boot) }
        sleeper.cancel()
        await #expect(throws: CancellationError.self) { try await sleeper.value }
    }

    @Test("random numbers lie in 0..<1 and differ")
    func random() {
        let numbers = (0..<100).map { _ in SystemClock().random() }
        #expect(numbers.allSatisfy { (0..<1).contains($0) })
        #expect(Set(numbers).count > 1)
    }

    @Test("each step of the clock is told once, and nothing after stop", .timeLimit(.minutes(1)))
    func steps() async throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let writing = ends[1]
        defer { close(writing) }
        let (told, continuation) = AsyncStream.makeStream(of: Void.self)
        let watcher = ClockStepWatcher(
            descriptor: ends[0],
            wait: { descriptor in
                var byte: UInt8 = 0
                return read(descriptor, &byte, 1) == 1 ? Int32(byte) : -1
            },
            onStep: { continuation.yield() })
        var iterator = told.makeAsyncIterator()
        // 0 is a wake-up without a step: only the two ones are told.
        var bytes: [UInt8] = [0, 1, 0, 1]
        #expect(write(writing, &bytes, bytes.count) == bytes.count)
        #expect(await iterator.next() != nil)
        #expect(await iterator.next() != nil)
        watcher.stop()
        continuation.finish()
        #expect(await iterator.next() == nil)
    }

    @Test("the kernel's clock can be watched, and watching can end")
    func kernel() throws {
        let watcher = try ClockStepWatcher(onStep: {})
        watcher.stop()
        watcher.stop()
    }
}
