/// The way to one auth service, and the clock by which the limits of its calls run.
package protocol UpstreamSending: Sendable {
    /// Where the service answers, as it is configured.
    var baseURL: String { get }
    /// The longest that a call may take, in milliseconds.
    var timeoutMs: Int64 { get }
    /// Milliseconds since some moment, on the clock that limits calls.
    var uptimeMs: Int64 { get }
    /// The answer, whatever its status. Ends with `.unreachable` after `limit` milliseconds, or after `timeoutMs` where
    /// that is shorter, and when the task is cancelled.
    func send(_ request: UpstreamRequest, withinMs limit: Int64) async throws(UpstreamFailure) -> UpstreamAnswer
}

extension UpstreamSending {
    /// The longest that a question beside the main one may take: the main one's answer waits for it.
    var sideCallMs: Int64 { min(5000, max(1, timeoutMs / 4)) }
}

extension Upstream: UpstreamSending {
    package var baseURL: String { settings.baseURL }
    package var timeoutMs: Int64 { settings.timeoutMs }
    package var uptimeMs: Int64 {
        let uptime = Self.beginning.duration(to: .now).components
        return uptime.seconds * 1000 + uptime.attoseconds / 1_000_000_000_000_000
    }

    private static let beginning = ContinuousClock.now
}
