/// The keeper's only source of time.
package protocol KeeperClock: Sendable {
    /// Both clocks, read together.
    func now() -> Moment
    /// Names the span over which the boot clock counts without a break; nil where the machine does not tell, so that
    /// boot times of an earlier process mean nothing.
    var bootID: String? { get }
    /// Returns when the boot clock has reached `boot` milliseconds; throws when the task is cancelled first.
    func sleep(untilBoot boot: Int64) async throws(CancellationError)
    /// Calls `action` once, when it is time for it, at once where that has passed. It must be short: all alarms may ring on
    /// one thread.
    func alarm(at time: Wake, _ action: @escaping @Sendable () -> Void) -> Alarm
    /// A number in 0..<1, for jitter.
    func random() -> Double
}

/// Something that will happen at a time.
package struct Alarm: Sendable {
    /// It will not, unless it happens at this very moment.
    package let cancel: @Sendable () -> Void

    package init(cancel: @escaping @Sendable () -> Void) { self.cancel = cancel }
}

extension KeeperClock {
    package func alarm(at time: Wake, _ action: @escaping @Sendable () -> Void) -> Alarm {
        sleepingAlarm(at: time, action)
    }

    /// An alarm that is a task which sleeps until its earliest time.
    package func sleepingAlarm(at time: Wake, _ action: @escaping @Sendable () -> Void) -> Alarm {
        let sleeper = Task {
            // Thrown is the cancellation.
            guard (try? await sleep(untilBoot: time.boot)) != nil else { return }
            action()
        }
        return Alarm { sleeper.cancel() }
    }
}
