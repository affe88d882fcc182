import CLinux
import Glibc
package import Logging
import Synchronization

/// Where log lines go: to the journal with fields of their own where journald reads the descriptor, else line by line
/// to the descriptor. Nobody who logs ever waits.
package final class LogOutput: Sendable {
    private struct State {
        var level: Logger.Level
        var format: LogFormat
        var repeats: RepeatCoalescer
        /// A task is asleep until repeats are to be told.
        var isTimed = false
    }

    private let stream: LogStream
    private let journal: JournalQueue?
    private let state: Mutex<State>

    /// - Parameters:
    ///   - journalStream: $JOURNAL_STREAM. Only where it names this very descriptor the journal is written to.
    ///   - journal: sends an entry and answers whether it was taken; one that was not goes to the descriptor. Called on
    ///     a thread of its own, which it may block.
    ///   - windowMs: how long repeats of an event are collected.
    package init(
        descriptor: Int32 = STDERR_FILENO, journalStream: String?, level: Logger.Level = .info,
        format: LogFormat = .text, windowMs: Int64 = 600_000,
        journal: (@Sendable (JournalEntry) -> Bool)? = nil
    ) {
        let stream = LogStream(descriptor: descriptor, journalStream: journalStream)
        self.stream = stream
        self.journal =
            stream.isJournal
            ? journal.map { send in
                JournalQueue { line, format in
                    if !send(JournalEntry(line, as: format)) { stream.write(line, as: format) }
                }
            } : nil
        state = Mutex(State(level: level, format: format, repeats: RepeatCoalescer(windowMs: windowMs)))
    }

    /// Lines below it are not written. A change takes effect with the next line of every logger.
    package var level: Logger.Level {
        get { state.withLock { $0.level } }
        set { state.withLock { $0.level = newValue } }
    }

    package var format: LogFormat {
        get { state.withLock { $0.format } }
        set { state.withLock { $0.format = newValue } }
    }

    /// The lock keeps the order of lines; nothing under it waits.
    package func write(_ line: LogLine) {
        state.withLock { state in
            put(state.repeats.take(line, at: cl_boot_milliseconds()), as: state.format)
            rearm(&state)
        }
    }

    /// Tells the repeats that wait, and gives the journal no longer than that to take what is left. Blocks; call it last.
    package func finish(within limit: Duration) {
        state.withLock { state in put(state.repeats.finish(at: cl_boot_milliseconds()), as: state.format) }
        journal?.flush(within: limit)
    }

    private func put(_ lines: [LogLine], as format: LogFormat) {
        for line in lines {
            if let journal { journal.add(line, as: format) } else { stream.write(line, as: format) }
        }
    }

    private func rearm(_ state: inout State) {
        guard !state.isTimed, let due = state.repeats.nextDue else { return }
        state.isTimed = true
        let pause = Duration.milliseconds(max(0, due - cl_boot_milliseconds()))
        Task { [weak self] in
            // Nobody cancels it.
            try? await Task.sleep(for: pause, clock: .continuous)
            self?.tellRepeats()
        }
    }

    private func tellRepeats() {
        state.withLock { state in
            state.isTimed = false
            put(state.repeats.due(at: cl_boot_milliseconds()), as: state.format)
            rearm(&state)
        }
    }
}
