import CSystemd
import Glibc

/// The journal, written to with fields of one's own (sd_journal_sendv(3)).
package protocol JournalSink: Sendable {
    /// Sends one entry. Blocks while the journal does not take it, so call it on a thread that may wait. Fails where
    /// there is no journal.
    ///
    /// - Parameters:
    ///   - fields: `NAME=value`, names of A-Z, 0-9 and _ that begin with a letter; one is MESSAGE.
    ///   - file: where in the sources, with `function` and `line`.
    func send(_ fields: [String], file: String, function: String, line: UInt) throws(ServiceManagerError)
}

/// The journal, through libsystemd.
package struct LibsystemdJournal: JournalSink {
    private static let socket = "/run/systemd/journal/socket"

    package init() {}

    package func send(
        _ fields: [String], file: String, function: String, line: UInt
    ) throws(ServiceManagerError) {
        // A service may have a root of its own without the socket: sd_journal_sendv would then report success.
        guard access(Self.socket, F_OK) == 0 else { throw .failed(call: "access \(Self.socket)", errno: errno) }
        var bytes = fields.flatMap { Array($0.utf8) }
        let result = bytes.withUnsafeMutableBytes { buffer in
            var parts: [iovec] = []
            var start = 0
            for field in fields {
                parts.append(iovec(iov_base: buffer.baseAddress.map { $0 + start }, iov_len: field.utf8.count))
                start += field.utf8.count
            }
            return sd_journal_sendv_with_location(
                "CODE_FILE=\(file)", "CODE_LINE=\(line)", function, parts, Int32(parts.count))
        }
        guard result >= 0 else { throw .failed(call: "sd_journal_sendv", errno: -result) }
    }
}
