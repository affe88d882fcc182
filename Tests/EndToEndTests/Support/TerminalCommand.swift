import CTestProcess
import Glibc

/// A program on a terminal of its own, as a person would run it.
final class TerminalCommand: Sendable {
    let process: ChildProcess
    /// What the terminal shows.
    let screen: LineReader

    init(_ words: [String], environment: [String: String] = DaemonProcess.environment) throws {
        var program: Int32 = -1
        let terminal = ctp_open_terminal(&program)
        guard terminal >= 0 else { throw SystemFailure("open a terminal") }
        screen = LineReader(terminal)
        defer { close(program) }
        var environment = environment
        environment["TERM"] = "xterm"
        process = try ChildProcess(
            words, environment: environment, descriptors: [0: program, 1: program, 2: program])
    }

    /// Types a line.
    func type(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { write(screen.descriptor, $0.baseAddress, $0.count) }
    }
}
