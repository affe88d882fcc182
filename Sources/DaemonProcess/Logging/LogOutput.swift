import Glibc
package import Logging
import SessionProtocol
import Synchronization

/// Where log lines go: one descriptor, one write a line, and never a wait.
///
/// A log must not hold up what it reports on, so a line that the descriptor does not take at once (a full pipe, a
/// stopped terminal, a stalled journal) is dropped and counted; the next line that gets through is preceded by one
/// that tells the count. Sockets are asked with MSG_DONTWAIT, the rest with poll(2): O_NONBLOCK would change the open
/// file that stderr shares with other processes. Lines fit PIPE_BUF, so a pipe takes them whole or not at all.
package final class LogOutput: Sendable {
    private struct State {
        var level: Logger.Level
        var format: LogFormat
        var dropped = 0
    }

    private let descriptor: Int32
    private let isSocket: Bool
    private let isJournal: Bool
    private let state: Mutex<State>

    /// - Parameter journalStream: $JOURNAL_STREAM. Where it names this very descriptor, lines carry a priority and
    ///   no time, as journald adds its own.
    package init(
        descriptor: Int32 = STDERR_FILENO, journalStream: String?, level: Logger.Level = .info,
        format: LogFormat = .text
    ) {
        var status = stat()
        let isKnown = fstat(descriptor, &status) == 0
        self.descriptor = descriptor
        isSocket = isKnown && status.st_mode & S_IFMT == S_IFSOCK
        isJournal = isKnown && journalStream == "\(status.st_dev):\(status.st_ino)"
        state = Mutex(State(level: level, format: format))
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

    /// The lock makes the count and the order of lines right; the calls under it do not wait.
    package func write(_ line: LogLine) {
        let time = isJournal ? nil : utcTime(milliseconds: wallMilliseconds())
        let format = self.format
        let encoded = line.encoded(as: format, time: time, hasPriority: isJournal)
        state.withLock { state in
            if state.dropped > 0 {
                let notice = LogLine(
                    level: .warning, message: "log lines were dropped because nobody took them",
                    metadata: ["dropped": "\(state.dropped)"])
                guard offer(notice.encoded(as: format, time: time, hasPriority: isJournal)) else {
                    state.dropped += 1
                    return
                }
                state.dropped = 0
            }
            if !offer(encoded) { state.dropped += 1 }
        }
    }

    private func offer(_ bytes: [UInt8]) -> Bool {
        while true {
            let count: Int
            if isSocket {
                count = send(descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
            } else {
                var readiness = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                guard poll(&readiness, 1, 0) == 1, readiness.revents & Int16(POLLOUT) != 0 else { return false }
                count = Glibc.write(descriptor, bytes, bytes.count)
            }
            if count >= 0 { return count == bytes.count }
            guard errno == EINTR else { return false }
        }
    }
}
