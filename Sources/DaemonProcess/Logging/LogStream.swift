import CLinux
import Glibc
import Synchronization

/// A descriptor that takes log lines: one write a line, and never a wait.
///
/// A log must not hold up what it reports on, so a line that the descriptor does not take at once (a full pipe, a
/// stopped terminal, a stalled journal) is dropped and counted; the next line that gets through is preceded by one
/// that tells the count. Sockets are asked with MSG_DONTWAIT, the rest with poll(2): O_NONBLOCK would change the open
/// file that stderr shares with other processes. Lines fit PIPE_BUF, so a pipe takes them whole or not at all.
final class LogStream: Sendable {
    /// Whether journald reads it: lines carry a priority and no time, as it adds its own.
    let isJournal: Bool
    private let descriptor: Int32
    private let isSocket: Bool
    private let dropped = Mutex(0)

    /// - Parameter journalStream: $JOURNAL_STREAM, `device:inode` of the socket that journald reads (systemd.exec(5)).
    init(descriptor: Int32, journalStream: String?) {
        var file = cl_file()
        let isKnown = cl_file_of(descriptor, &file) == 0
        self.descriptor = descriptor
        var type: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        isSocket = getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0
        isJournal = isKnown && journalStream == "\(file.device):\(file.number)"
    }

    /// The lock makes the count and the order of lines right; the calls under it do not wait.
    func write(_ line: LogLine, as format: LogFormat) {
        let time = isJournal ? nil : utcTime(milliseconds: wallMilliseconds())
        let encoded = line.encoded(as: format, time: time, hasPriority: isJournal)
        dropped.withLock { dropped in
            if dropped > 0 {
                guard offer(LogLine.dropped(dropped).encoded(as: format, time: time, hasPriority: isJournal)) else {
                    dropped += 1
                    return
                }
                dropped = 0
            }
            if !offer(encoded) { dropped += 1 }
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
