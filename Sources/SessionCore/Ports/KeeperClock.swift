/// The keeper's only source of time.
package protocol KeeperClock: Sendable {
    /// Both clocks, read together.
    func now() -> Moment
    /// Names the span over which the boot clock counts without a break; nil where the machine does not tell, so that
    /// boot times of an earlier process mean nothing.
    var bootID: String? { get }
    /// Returns when the boot clock has reached `boot` milliseconds; throws when the task is cancelled first.
    func sleep(untilBoot boot: Int64) async throws(CancellationError)
    /// A number in 0..<1, for jitter.
    func random() -> Double
}
