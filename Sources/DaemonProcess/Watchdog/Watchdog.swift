import CLinux
import Dispatch
import Glibc
package import SessionCore
import Synchronization

/// Has every part of the daemon prove that it moves, again and again, from a thread of its own: neither Swift's pool nor
/// libdispatch's can starve it, and a part that hangs cannot take it along.
///
/// A round asks all parts at once and concludes when all have answered, or when the period is over.
package final class Watchdog: Sendable {
    /// What is watched. Called on the watchdog's thread or on whichever asks for a verdict: must not block.
    package struct Subject: Sendable {
        package var keepers: @Sendable () -> [SessionKeeper]
        package var store: @Sendable () -> StoreActivity
        package var clock: any KeeperClock

        package init(
            clock: any KeeperClock, keepers: @escaping @Sendable () -> [SessionKeeper],
            store: @escaping @Sendable () -> StoreActivity
        ) {
            self.clock = clock
            self.keepers = keepers
            self.store = store
        }
    }

    /// How the server is tried.
    package struct Trial: Sendable {
        /// Asks over the listening sockets; blocks for as long as that at most.
        package var ping: @Sendable (Duration) -> SocketProbe.Outcome
        /// Has the event loop call back: for where the socket cannot be tried.
        package var askLoop: @Sendable (@escaping @Sendable () -> Void) -> Void

        package init(
            ping: @escaping @Sendable (Duration) -> SocketProbe.Outcome,
            askLoop: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
        ) {
            self.ping = ping
            self.askLoop = askLoop
        }

        /// Over each of these, which must all answer.
        package init(
            over probes: [SocketProbe], askLoop: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
        ) {
            self.init(
                ping: { limit in
                    let clock = SuspendingClock()
                    let end = clock.now + limit
                    for probe in probes {
                        let outcome = probe.ping(within: max(end - clock.now, .milliseconds(1)))
                        if outcome != .answered { return outcome }
                    }
                    return .answered
                }, askLoop: askLoop)
        }
    }

    private struct State {
        var liveness: Liveness
        var isStopped = false
    }

    private let subject: Subject
    private let period: Duration
    private let state: Mutex<State>
    /// Signalled when all parts have answered, and to stop. Its waits stand still while the machine sleeps, as the service
    /// manager's do.
    private let answers = DispatchSemaphore(value: 0)
    private let sleepWatch = SleepWatch()

    /// - Parameter period: between two rounds. A part may go without progress for a little less, so that the round in
    ///   which it did not move ends without it.
    package init(_ subject: Subject, period: Duration) {
        self.subject = subject
        self.period = period
        state = Mutex(
            State(
                liveness: Liveness(
                    patienceMs: max(Int64(period * 9 / 10 / .milliseconds(1)), 1), at: subject.clock.now().boot)))
    }

    /// What is known now, without asking anybody: as new as the last round, or newer. Any thread may call this.
    package var verdict: Liveness.Verdict {
        look { $0.verdict(at: $1) }
    }

    /// Starts the thread, with a round at once. Call it once.
    ///
    /// - Parameter conclude: told each round's verdict on that thread, in order.
    package func start(
        _ trial: Trial, _ conclude: @escaping @Sendable (Liveness.Verdict) -> Void
    ) throws(LinuxError) {
        do throws(OwnThread.Refused) {
            try OwnThread.start { self.run(trial, conclude) }
        } catch {
            throw LinuxError(call: "pthread_create", errno: error.errno)
        }
    }

    private func run(_ trial: Trial, _ conclude: (Liveness.Verdict) -> Void) {
        while !isStopped {
            let next = DispatchTime.now() + period / .seconds(1)
            round(trial, until: next)
            if isStopped { return }
            conclude(verdict)
            // Late answers wake it too; the next round begins when it is time.
            while !isStopped, answers.wait(timeout: next) == .success {}
        }
    }

    /// No round concludes after the one that may be about to.
    package func stop() {
        state.withLock { $0.isStopped = true }
        answers.signal()
    }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    private func round(_ trial: Trial, until end: DispatchTime) {
        ask(subject.keepers())
        put(trial)
        while !isStopped, !verdict.isSettled, answers.wait(timeout: end) == .success {}
    }

    /// With one look for all of them: at a thousand keepers, a look at all for each would be a million.
    private func ask(_ keepers: [SessionKeeper]) {
        let new = look { liveness, now in
            keepers.filter { keeper in
                let id = ObjectIdentifier(keeper)
                defer { liveness.keeperAsked(id, at: now) }
                return !liveness.isWaiting(for: id)
            }
        }
        // Keepers of one executor take turns, so that one of them answers for all.
        for sharing in Dictionary(grouping: new, by: \.executorID).values {
            // By way of Swift's pool, there and back: calls to providers go that way too.
            Task { [weak self] in
                await sharing.first?.stamp()
                self?.answered { liveness, now in
                    for keeper in sharing { liveness.keeperAnswered(ObjectIdentifier(keeper), at: now) }
                }
            }
        }
    }

    private func put(_ trial: Trial) {
        look { $0.socketAsked(at: $1) }
        switch trial.ping(period) {
        case .answered: answered { $0.socketAnswered(.usable, at: $1) }
        case .dead: answered { $0.socketAnswered(.dead, at: $1) }
        case .silent: break
        case .closed(let error):
            trial.askLoop { [weak self] in
                self?.answered { $0.socketAnswered(.closed("\(error)"), at: $1) }
            }
        }
    }

    private func answered(_ stamp: (inout Liveness, Int64) -> Void) {
        let now = subject.clock.now().boot
        let isLast = state.withLock { state in
            stamp(&state.liveness, now)
            return !state.liveness.isWaiting
        }
        if isLast { answers.signal() }
    }

    /// Sees what there is to see first.
    private func look<Result: Sendable>(_ body: (inout Liveness, Int64) -> Result) -> Result {
        let sights = Dictionary(
            subject.keepers().map { keeper in
                (
                    ObjectIdentifier(keeper),
                    KeeperSight(
                        vitals: keeper.vitals, callTimeoutMs: keeper.callTimeoutMs,
                        executorProgress: keeper.executorProgress, isStoreFailing: keeper.isStoreFailing)
                )
            }, uniquingKeysWith: { first, _ in first })
        let store = subject.store()
        let sleptMs = sleepWatch.sleptMs
        let now = subject.clock.now().boot
        return state.withLock { state in
            state.liveness.see(sights, store: store, sleptMs: sleptMs, at: now)
            return body(&state.liveness, now)
        }
    }
}

/// For how long the machine has slept since this was made: CLOCK_BOOTTIME counts that, and CLOCK_MONOTONIC does not.
private struct SleepWatch: Sendable {
    private let boot = ContinuousClock.now
    private let awake = SuspendingClock.now

    var sleptMs: Int64 {
        // Read one after the other: some microseconds apart are no sleep.
        let slept = (ContinuousClock.now - boot) - (SuspendingClock.now - awake)
        return slept < .milliseconds(10) ? 0 : Int64(slept / .milliseconds(1))
    }
}
