import Dispatch

/// Asks the service manager for more time, again and again, while something takes longer than usual: a key that must be
/// unsealed, a disk that has to spin up.
///
/// Not for ever: what hangs is then the manager's to end.
package final class PatienceRequest: Sendable {
    /// What each request asks for, from then on. Several come within it, so that one that is lost does no harm.
    package static let span = Duration.seconds(15)

    // libdispatch objects may be used from any thread (dispatch(3)); its overlay on Linux does not say so.
    nonisolated(unsafe) private let timer: any DispatchSourceTimer
    private let queue: DispatchQueue

    /// - Parameters:
    ///   - first: how long it may take without a word.
    ///   - period: between two requests; shorter than `span`.
    ///   - count: how many there are at most. With the defaults, five minutes' worth.
    ///   - ask: called on a queue of its own.
    package init(
        first: Duration = .seconds(1), period: Duration = .seconds(5), count: Int = 60,
        ask: @escaping @Sendable () -> Void
    ) {
        queue = DispatchQueue(label: "sessiond.patience")
        let timer = DispatchSource.makeTimerSource(queue: queue)
        self.timer = timer
        timer.schedule(
            deadline: .now() + first / .seconds(1), repeating: period / .seconds(1), leeway: .milliseconds(100))
        // The queue runs one at a time, and nothing else touches it.
        nonisolated(unsafe) var left = count
        timer.setEventHandler {
            guard left > 0 else { return }
            left -= 1
            ask()
        }
        timer.activate()
    }

    deinit { timer.cancel() }

    /// No request is made after this.
    package func end() { queue.sync { timer.cancel() } }
}
