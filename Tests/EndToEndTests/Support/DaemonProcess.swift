import Glibc
import SessionProtocol
import Synchronization

/// A real `sessiond` with a folder of its own. It is ended and its folder removed when nobody holds it any more.
final class DaemonProcess: Sendable {
    struct Setup: Sendable {
        /// The configuration file's text.
        var configuration = "defaultProfile: default\nprofiles: {default: {provider: embedded}}\n"
        /// Files of `profiles.d`, by profile.
        var profiles: [String: String] = [:]
        /// Begin with the state of `Seed`.
        var isSeeded = true
        /// A program with its arguments that becomes the daemon, which it is told as its last arguments.
        var wrapper: [String] = []
        var environment: [String: String] = [:]
        /// The daemon's descriptors, by number.
        var descriptors: [Int32: Int32] = [:]
        var arguments: [String] = []
        /// Hand it what it has had the manager keep, after the listening sockets, which are its descriptors from 3 on.
        var handsBack = false
    }

    /// As little as possible: what the tests' own environment says must not matter.
    static let environment: [String: String] = {
        var environment = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"]
        environment["LD_LIBRARY_PATH"] = getenv("LD_LIBRARY_PATH").map { String(cString: $0) }
        return environment
    }()

    let folder: TemporaryFolder
    let manager: FakeManager
    let setup: Setup
    private let running = Mutex<ChildProcess?>(nil)

    var socket: String { folder.path + "/run/sessiond.sock" }
    var state: String { folder.path + "/state" }
    var configuration: String { folder.path + "/etc/sessiond.yaml" }
    private var errors: String { folder.path + "/stderr" }

    private init(_ setup: Setup) throws {
        self.setup = setup
        folder = try TemporaryFolder()
        manager = try FakeManager(path: folder.path + "/notify")
        try folder.makeFolder("etc")
        try folder.makeFolder("etc/profiles.d")
        try folder.makeFolder("run")
        try folder.makeFolder("state", mode: 0o700)
        try folder.write(setup.configuration, to: "etc/sessiond.yaml")
        for (name, text) in setup.profiles { try folder.write(text, to: "etc/profiles.d/\(name).yaml") }
    }

    deinit { running.withLock { $0 = nil } }

    /// A folder without a daemon in it.
    static func prepare(_ setup: Setup = Setup()) async throws -> DaemonProcess {
        let daemon = try DaemonProcess(setup)
        if setup.isSeeded { try await Seed.shared.plant(in: daemon.state) }
        return daemon
    }

    /// A daemon that has told that it is ready.
    static func start(_ setup: Setup = Setup()) async throws -> DaemonProcess {
        let daemon = try await prepare(setup)
        try await daemon.start()
        return daemon
    }

    static func start(configuration: String) async throws -> DaemonProcess {
        var setup = Setup()
        setup.configuration = configuration
        return try await start(setup)
    }

    /// Starts it, also again, and waits for READY.
    func start() async throws {
        // What its predecessor said last does not count.
        manager.drain()
        let process = try spawn()
        do { try await manager.wait(for: "READY=1", unless: process) } catch {
            throw TooLate(what: "READY; the daemon's log:\n\(log)")
        }
    }

    /// Starts it without waiting.
    @discardableResult
    func spawn(arguments: [String]? = nil) throws -> ChildProcess {
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        let log = open(errors, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        defer {
            close(null)
            close(log)
        }
        var environment = Self.environment
        environment["NOTIFY_SOCKET"] = manager.path
        environment.merge(setup.environment) { _, new in new }
        var descriptors = setup.descriptors
        var wrapper = setup.wrapper
        if setup.handsBack {
            let sockets = Int32(descriptors.keys.count { $0 >= 3 })
            let kept = manager.kept
            for (index, one) in kept.enumerated() { descriptors[3 + sockets + Int32(index)] = one.descriptor }
            environment["LISTEN_FDS"] = "\(Int(sockets) + kept.count)"
            environment["LISTEN_FDNAMES"] = ((0..<sockets).map { _ in "sessiond" } + kept.map(\.name)).joined(
                separator: ":")
            // The process that becomes the daemon knows its own pid.
            wrapper += ["sh", "-c", "LISTEN_PID=$$ exec \"$@\"", "sh"]
        }
        let words =
            wrapper + [BuildFolder.sessiond]
            + (arguments ?? ["--config", configuration, "--state-dir", state, "--socket", socket] + setup.arguments)
        let process = try ChildProcess(
            words, environment: environment,
            descriptors: descriptors.merging([0: null, 1: log, 2: log]) { given, _ in given })
        running.withLock { $0 = process }
        return process
    }

    var process: ChildProcess {
        get throws {
            guard let process = running.withLock({ $0 }) else { throw TooLate(what: "a daemon that was not started") }
            return process
        }
    }

    /// What it has written to standard output and error.
    var log: String { (try? Files.text(errors)) ?? "" }

    func kill() async throws {
        try process.signal(SIGKILL)
        _ = try await process.exit()
    }

    /// Ends it as a service manager does.
    func stop() async throws -> ChildProcess.Exit {
        try process.signal(SIGTERM)
        return try await process.exit()
    }

    func connect() throws -> WireConnection { try WireConnection(path: socket) }
}

extension DaemonProcess {
    /// Ends it and starts it again; how it ended where that was not well.
    func restart() async -> String? {
        do {
            let exit = try await stop()
            try await start()
            return exit == .status(0) ? nil : "\(exit)"
        } catch {
            return "\(error)"
        }
    }
}
