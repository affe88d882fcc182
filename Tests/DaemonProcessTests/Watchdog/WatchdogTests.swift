import DaemonProcess
import Glibc
import SessionCore
import SessionProtocol
import SessionServer
import SessionTesting
import Synchronization
import Testing

/// Each fault is put in by a double, and the pings are seen to stop and to come back.
///
/// One after another: keepers share their executors, and so a test that blocks one would be felt by the others.
@Suite("The watchdog", .serialized, .timeLimit(.minutes(1)))
struct WatchdogTests {
    private static func handedIn(_ token: String = "t1") throws -> HandedInSession {
        HandedInSession(sessionToken: try #require(Secret(token)))
    }

    private static func with(
        _ daemon: WatchedDaemon, _ body: (WatchedDaemon) async throws -> Void
    ) async throws {
        do { try await body(daemon) } catch {
            await daemon.stop()
            throw error
        }
        await daemon.stop()
    }

    @Test("pings come while all is well, over the socket, without any permission")
    func well() async throws {
        try await Self.with(WatchedDaemon()) { daemon in
            await daemon.expectPings()
            let verdict = await daemon.next(\.isSettled)
            #expect(verdict?.findings.allSatisfy { $0.detail == "ok" && $0.ageMs < 30_000 } == true)
        }
    }

    @Test("a round looks as often at five hundred keepers as at one")
    func looks() async throws {
        let keepers = (0..<500).map { _ in WatchedDaemon.keeper() }
        let looks = Mutex(0)
        let watchdog = Watchdog(
            Watchdog.Subject(
                clock: SystemClock(),
                keepers: {
                    looks.withLock { $0 += 1 }
                    return keepers
                }, store: { StoreActivity() }), period: .seconds(60))
        let (rounds, continuation) = AsyncStream<(Liveness.Verdict, looks: Int)>.makeStream()
        try watchdog.start(Watchdog.Trial(ping: { _ in .answered }, askLoop: { $0() })) { verdict in
            continuation.yield((verdict, looks.withLock { $0 }))
        }
        defer { watchdog.stop() }
        var iterator = rounds.makeAsyncIterator()
        let (verdict, count) = try #require(await iterator.next())
        #expect(verdict.isAlive && verdict.isSettled)
        #expect(count <= 10)
    }

    @Test("an event loop that hangs stops the pings")
    func loop() async throws {
        try await Self.with(WatchedDaemon()) { daemon in
            await daemon.expectPings()
            daemon.loopGate.shut()
            let client = daemon.send(#"{"jsonrpc":"2.0","id":1,"method":"server.health"}"#)
            defer { close(client) }
            await daemon.expectSilence([.socket])
            daemon.loopGate.open()
            await daemon.expectPings()
        }
    }

    @Test("a queue of connections that nobody takes in stops the pings")
    func full() async throws {
        try await Self.with(WatchedDaemon()) { daemon in
            let path = daemon.socket + ".full"
            let (listener, waiting) = SocketProbeTests.listener(at: path, backlog: 0)
            defer { for descriptor in [listener] + waiting { close(descriptor) } }
            defer { unlink(path) }
            let watchdog = Watchdog(
                Watchdog.Subject(clock: SystemClock(), keepers: { [daemon.keeper] }, store: { StoreActivity() }),
                period: WatchedDaemon.period)
            let (verdicts, continuation) = AsyncStream<Liveness.Verdict>.makeStream()
            try watchdog.start(Watchdog.Trial(over: [try #require(SocketProbe(path: path))]) { _ in }) {
                continuation.yield($0)
            }
            defer { watchdog.stop() }
            var rounds = verdicts.makeAsyncIterator()
            for _ in 0..<3 {
                let verdict = try #require(await rounds.next())
                #expect(verdict.findings.filter(\.isStuck).map(\.leg) == [.socket])
            }
        }
    }

    @Test("an executor that hangs stops the pings")
    func executor() async throws {
        try await Self.with(WatchedDaemon()) { daemon in
            await daemon.expectPings()
            daemon.keeperGate.shut()
            let change = Task { try await daemon.keeper.update(Self.handedIn(), expect: nil) }
            await daemon.expectSilence([.keepers])
            daemon.keeperGate.open()
            _ = try await change.value
            await daemon.expectPings()
        }
    }

    @Test("a disk that hangs stops the pings; one that fails does not")
    func disk() async throws {
        let vault = BlockingVault()
        try await Self.with(WatchedDaemon(vault: vault)) { daemon in
            await daemon.expectPings()
            vault.gate.shut()
            let change = Task { try await daemon.keeper.update(Self.handedIn(), expect: nil) }
            await daemon.expectSilence([.keepers, .store])
            vault.gate.open()
            _ = try await change.value
            await daemon.expectPings()
            vault.vault.failure = .storeFailed
            await #expect(throws: KeeperError.self) {
                try await daemon.keeper.update(Self.handedIn("t2"), expect: nil)
            }
            let verdict = await daemon.next { verdict in
                verdict.findings.contains { $0.leg == .store && $0.standing == .failing }
            }
            #expect(verdict?.isAlive == true)
        }
    }

    @Test("heartbeats that are due and do not come stop the pings")
    func heartbeats() async throws {
        let clock = SleeplessClock()
        try await Self.with(WatchedDaemon(clock: clock)) { daemon in
            _ = try await daemon.keeper.update(Self.handedIn(), expect: nil)
            await daemon.expectPings()
            // Time passes, and whoever sleeps until then is not woken.
            clock.skip(ms: 60_000)
            await daemon.expectSilence([.heartbeats])
            await daemon.keeper.timeHasJumped()
            await daemon.expectPings()
        }
    }

    @Test("a network that is gone does not stop the pings, however often heartbeats fail")
    func network() async throws {
        let provider = ScriptedProvider.unreachable
        try await Self.with(WatchedDaemon(provider: provider)) { daemon in
            _ = try await daemon.keeper.update(Self.handedIn(), expect: nil)
            while provider.askedCount < 2, let verdict = await daemon.next({ _ in true }) {
                #expect(!verdict.findings.contains { $0.leg == .heartbeats && $0.isStuck })
            }
            #expect(daemon.keeper.publication.snapshot.heartbeat.failures > 0)
            await daemon.expectPings()
        }
    }

    @Test("signed out there are no heartbeats to miss")
    func signedOut() async throws {
        let clock = SleeplessClock()
        try await Self.with(WatchedDaemon(clock: clock)) { daemon in
            clock.skip(ms: 86_400_000)
            await daemon.expectPings()
        }
    }

    @Test("a socket whose path leads to nobody is broken for good")
    func dead() async throws {
        try await Self.with(WatchedDaemon()) { daemon in
            await daemon.expectPings()
            unlink(daemon.socket)
            let verdict = await daemon.next(\.isBroken)
            #expect(verdict?.isAlive == false)
        }
    }

    @Test("where the daemon may not connect to its own socket, its event loop is asked, and people are told")
    func closed() async throws {
        try await Self.with(WatchedDaemon()) { daemon in
            let watchdog = Watchdog(
                Watchdog.Subject(clock: SystemClock(), keepers: { [] }, store: { StoreActivity() }),
                period: WatchedDaemon.period)
            let (verdicts, continuation) = AsyncStream<Liveness.Verdict>.makeStream()
            try watchdog.start(
                Watchdog.Trial(
                    ping: { _ in .closed(LinuxError(call: "connect", errno: EACCES)) },
                    askLoop: { daemon.server.askLoop($0) })
            ) { continuation.yield($0) }
            defer { watchdog.stop() }
            var rounds = verdicts.makeAsyncIterator()
            let verdict = try #require(await rounds.next())
            #expect(verdict.isAlive)
            let socket = try #require(verdict.findings.first)
            #expect(socket.standing == .failing && socket.detail.contains("Permission denied"))
            // The loop hangs after all.
            daemon.loopGate.shut()
            let client = daemon.send(#"{"jsonrpc":"2.0","id":1,"method":"server.health"}"#)
            defer { close(client) }
            while let verdict = await rounds.next(), verdict.isAlive {}
            #expect(!watchdog.verdict.isAlive)
            daemon.loopGate.open()
        }
    }
}

/// A vault whose disk hangs while the gate is shut.
private final class BlockingVault: SessionVaulting {
    let vault = MemoryVault()
    let gate = Gate()

    func load(profile: String, provider: String) throws(VaultError) -> SealedRecord? {
        gate.pass()
        return try vault.load(profile: profile, provider: provider)
    }
    func save(_ record: SealedRecord, profile: String, provider: String) throws(VaultError) {
        gate.pass()
        try vault.save(record, profile: profile, provider: provider)
    }
    func remove(profile: String, provider: String) throws(VaultError) {
        gate.pass()
        try vault.remove(profile: profile, provider: provider)
    }
}

/// The machine's clock with time added to it of which no sleeper hears: wake-ups that are lost.
private final class SleeplessClock: KeeperClock {
    private let clock = SystemClock()
    private let skipped = Mutex<Int64>(0)
    let bootID: String? = nil

    func skip(ms: Int64) { skipped.withLock { $0 += ms } }

    func now() -> Moment {
        let skipped = skipped.withLock { $0 }
        return Moment(wall: clock.now().wall + skipped, boot: clock.now().boot + skipped)
    }

    func sleep(untilBoot boot: Int64) async throws(CancellationError) {
        // Longer than any test lasts, and over at once when it is cancelled.
        try await clock.sleep(untilBoot: boot + 3_600_000)
    }

    func random() -> Double { 0.5 }
}
