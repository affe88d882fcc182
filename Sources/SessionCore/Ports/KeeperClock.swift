/// The keeper's only source of time.
package protocol KeeperClock: Sendable {
    /// Both clocks, read together.
    func now() -> Moment
    /// Returns when the boot clock has reached `boot` milliseconds; throws when the task is cancelled first.
    func sleep(untilBoot boot: Int64) async throws(CancellationError)
    /// A number in 0..<1, for jitter.
    func random() -> Double
}
