import CTestProcess
import Glibc
import SessionProtocol

/// A run of a program that ends by itself.
struct Command: Sendable {
    var words: [String]
    var input = ""
    var environment = DaemonProcess.environment

    struct Outcome: Sendable {
        let status: ChildProcess.Exit
        let output: String
        let errors: String

        var json: JSONValue? { try? JSONValue.parse(Array(output.utf8)) }
    }

    init(_ words: String..., input: String = "") {
        self.words = words
        self.input = input
    }

    /// `sessionctl` for that daemon.
    static func sessionctl(_ words: String..., for daemon: DaemonProcess, input: String = "") async throws -> Outcome {
        try await sessionctl(words, for: daemon, input: input)
    }

    static func sessionctl(
        _ words: [String], for daemon: DaemonProcess, input: String = "", wrapper: [String] = []
    ) async throws -> Outcome {
        var command = Command(input: input)
        command.words = wrapper + [BuildFolder.sessionctl] + words
        command.environment["SESSIOND_SOCKET"] = daemon.socket
        return try await command.run()
    }

    func run(within limit: Duration = .seconds(30)) async throws -> Outcome {
        let folder = try TemporaryFolder()
        try folder.write(input, to: "in")
        let descriptors = ["in", "out", "err"].map { open("\(folder.path)/\($0)", O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }
        defer { for descriptor in descriptors { close(descriptor) } }
        let process = try ChildProcess(
            words, environment: environment,
            descriptors: [0: descriptors[0], 1: descriptors[1], 2: descriptors[2]])
        let status = try await process.exit(within: limit)
        return Outcome(
            status: status, output: try Files.text(folder.path + "/out"), errors: try Files.text(folder.path + "/err"))
    }
}

/// A program whose output is read while it runs.
final class RunningCommand: Sendable {
    let process: ChildProcess
    let output: LineReader
    let errors: LineReader

    init(_ words: [String], environment: [String: String] = DaemonProcess.environment) throws {
        var out: [Int32] = [0, 0]
        var err: [Int32] = [0, 0]
        guard ctp_pipe(&out) == 0, ctp_pipe(&err) == 0 else { throw SystemFailure("pipe") }
        output = LineReader(out[0])
        errors = LineReader(err[0])
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { for descriptor in [out[1], err[1], null] { close(descriptor) } }
        process = try ChildProcess(words, environment: environment, descriptors: [0: null, 1: out[1], 2: err[1]])
    }
}
