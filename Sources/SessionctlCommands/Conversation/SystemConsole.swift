import CLinux
import Glibc
import Synchronization

/// The console of this process: standard input, output and error.
package final class SystemConsole: Console {
    /// Lines of several tasks do not mix: `write(2)` may take only part of a long one.
    private let output = Mutex(())
    private static let longestLine = 65_536

    package init() {
        // A reader that leaves is met as EPIPE, so that the daemon's socket cannot kill the process by a signal.
        signal(SIGPIPE, SIG_IGN)
    }

    package var isInputTerminal: Bool { isatty(STDIN_FILENO) == 1 }
    package var isOutputTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
    package var isErrorTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    package var columns: Int? {
        let columns = cl_terminal_columns(STDOUT_FILENO)
        return columns > 0 ? Int(columns) : nil
    }

    package func write(_ text: String) throws(CommandFailure) {
        let error = output.withLock { _ in Self.writeAll(text, to: STDOUT_FILENO) }
        switch error {
        case 0: return
        case EPIPE:
            // `sessionctl watch | head` ends as every filter does: by the signal, without a word.
            signal(SIGPIPE, SIG_DFL)
            raise(SIGPIPE)
            exit(128 + SIGPIPE)
        default:
            throw CommandFailure(
                kind: "output", message: "the output cannot be written: \(String(cString: strerror(error)))")
        }
    }

    package func writeError(_ text: String) {
        // There is nowhere left to report that standard error cannot be written.
        _ = Self.writeAll(text, to: STDERR_FILENO)
    }

    /// Reads byte by byte, so that what follows the line stays for whoever reads the same input next.
    package func readLine(prompt: String, echo: Bool) throws(CommandFailure) -> String? {
        guard isInputTerminal else { return try Self.readLine() }
        guard !echo else {
            writeError(prompt)
            return try Self.readLine()
        }
        // Silence comes first: whoever answers as soon as the prompt is there must not be shown.
        let silence = EchoSilence(STDIN_FILENO)
        defer {
            silence.end()
            writeError("\n")
        }
        writeError(prompt)
        return try Self.readLine()
    }

    private static func readLine() throws(CommandFailure) -> String? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while line.count < longestLine {
            let count = read(STDIN_FILENO, &byte, 1)
            if count < 0 {
                if errno == EINTR { continue }
                throw CommandFailure(
                    kind: "input", message: "the input cannot be read: \(String(cString: strerror(errno)))",
                    status: .usage)
            }
            if count == 0, line.isEmpty { return nil }
            if count == 0 || byte == UInt8(ascii: "\n") { return try text(of: line) }
            line.append(byte)
        }
        throw CommandFailure(
            kind: "input", message: "an input line is longer than \(longestLine) bytes", status: .usage)
    }

    private static func text(of line: [UInt8]) throws(CommandFailure) -> String {
        let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line[...]
        guard let text = String(validating: line, as: UTF8.self) else {
            throw CommandFailure(kind: "input", message: "an input line is not UTF-8", status: .usage)
        }
        return text
    }

    /// Zero, or the error number.
    private static func writeAll(_ text: String, to descriptor: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count >= 0 {
                    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
                } else if errno != EINTR {
                    return errno
                }
            }
            return 0
        }
    }
}
