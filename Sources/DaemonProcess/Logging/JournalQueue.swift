import Dispatch
import Synchronization

/// Lines on their way to the journal, which may take its time: one thread writes them, and who logs does not wait.
///
/// What is on its way is bounded. Lines beyond that are dropped and counted, and the count is told once those before
/// them have been taken.
final class JournalQueue: Sendable {
    private struct State {
        var waiting: [(line: LogLine, format: LogFormat)] = []
        /// Of the lines that wait and of those being written.
        var bytes = 0
        var dropped = 0
        var lastFormat = LogFormat.text
        var isWriting = false
    }

    static let capacityBytes = 1 << 20

    private let write: @Sendable (LogLine, LogFormat) -> Void
    private let queue = DispatchQueue(label: "sessiond.journal")
    private let state = Mutex(State())

    /// - Parameter write: called on one thread, a line at a time; it may block.
    init(write: @escaping @Sendable (LogLine, LogFormat) -> Void) { self.write = write }

    func add(_ line: LogLine, as format: LogFormat) {
        let mustBegin = state.withLock { state in
            state.lastFormat = format
            guard state.bytes + line.roughBytes <= Self.capacityBytes else {
                state.dropped += 1
                return false
            }
            state.waiting.append((line, format))
            state.bytes += line.roughBytes
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if mustBegin { queue.async { self.drain() } }
    }

    /// Waits for what has been added, no longer than that; answers whether all of it was written.
    @discardableResult
    func flush(within limit: Duration) -> Bool {
        let done = DispatchSemaphore(value: 0)
        // Behind the drain that runs, which ends only when nothing waits.
        queue.async { done.signal() }
        return done.wait(timeout: .now() + .milliseconds(Int(limit / .milliseconds(1)))) == .success
    }

    private func drain() {
        while let (lines, dropped, format) = next() {
            for (line, format) in lines {
                write(line, format)
                state.withLock { $0.bytes -= line.roughBytes }
            }
            if dropped > 0 { write(.dropped(dropped), format) }
        }
    }

    /// All that waits, and how many were dropped behind it; nil where there is nothing.
    private func next() -> (lines: [(line: LogLine, format: LogFormat)], dropped: Int, format: LogFormat)? {
        state.withLock { state in
            guard !state.waiting.isEmpty || state.dropped > 0 else {
                state.isWriting = false
                return nil
            }
            defer {
                state.waiting = []
                state.dropped = 0
            }
            return (state.waiting, state.dropped, state.lastFormat)
        }
    }
}
