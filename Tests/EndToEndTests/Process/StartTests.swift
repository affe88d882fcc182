import Glibc
import SessionProtocol
import Testing

extension Process {
    @Suite("Starting", .timeLimit(.minutes(1)))
    struct StartTests {
        @Test("the socket, the state and the key have the right modes, and READY comes when the socket answers")
        func modes() async throws {
            let daemon = try await DaemonProcess.start()
            #expect(try await daemon.connect().call("server.ping") == [:])
            func mode(_ path: String) -> mode_t? { Files.status(path).map { $0.st_mode & 0o7777 } }
            #expect(mode(daemon.socket) == 0o660)
            #expect(mode(daemon.state) == 0o700)
            for name in Files.names(in: daemon.state) where !Files.isFolder("\(daemon.state)/\(name)") {
                #expect(mode("\(daemon.state)/\(name)") == 0o600, "\(name)")
            }
            #expect(Set(Files.names(in: daemon.folder.path + "/run")) == ["sessiond.sock", "sessiond.sock.lock"])
            #expect(daemon.manager.assignments.contains { $0.hasPrefix("STATUS=1 profile") })
        }

        @Test("mode and group of the configuration are the socket's", .needsRoot)
        func configuredMode() async throws {
            let daemon = try await DaemonProcess.start(configuration: "socket: {mode: \"0640\", group: 60123}\n")
            let status = try #require(Files.status(daemon.socket))
            #expect(status.st_mode & 0o7777 == 0o640)
            #expect(status.st_gid == 60123)
        }

        @Test("the path never leads to a socket with another mode", .needsStrace)
        func neverWrong() async throws {
            var setup = DaemonProcess.Setup()
            setup.configuration = "socket: {mode: \"0666\", group: 60123}\n"
            let trace = try TemporaryFolder()
            let calls = "bind,chmod,fchmod,fchmodat,chown,fchown,fchownat,lchown,rename,renameat,renameat2,listen"
            setup.wrapper = ["strace", "-f", "-qq", "-s", "400", "-o", trace.path + "/trace", "-e", "trace=\(calls)"]
            let daemon = try await DaemonProcess.start(setup)
            let pid = try #require(daemon.log.isEmpty ? nil : Self.child(of: daemon.process.pid))
            Glibc.kill(pid, SIGTERM)
            _ = try await daemon.process.exit()
            let lines = try Files.text(trace.path + "/trace").split(separator: "\n").map(String.init)
            let node = try #require(lines.first { $0.contains("bind(") && $0.contains(daemon.folder.path + "/run/") })
            #expect(!node.contains("\"\(daemon.socket)\""), "bound under another name: \(node)")
            let arrival = try #require(
                lines.firstIndex { $0.contains("rename") && $0.contains("\"\(daemon.socket)\"") })
            let afterwards = lines[(arrival + 1)...].filter { $0.contains(daemon.socket) && $0.contains("ch") }
            #expect(afterwards.isEmpty, "the mode and owner are right when it arrives: \(afterwards)")
            let before = lines[..<arrival]
            #expect(before.contains { $0.contains("chmod") && $0.contains("0666") })
            #expect(before.contains { $0.contains("chown") && $0.contains("60123") })
            #expect(before.contains { $0.contains("listen(") })
        }

        private static func child(of pid: pid_t) throws -> pid_t? {
            try Files.text("/proc/\(pid)/task/\(pid)/children").split(separator: " ").first.flatMap { pid_t($0) }
        }

        @Test("a second daemon on the same socket or state is refused with 75, and the first one unharmed")
        func second() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            try await connection.signIn()
            let elsewhere = try TemporaryFolder()
            for (state, socket) in [
                (elsewhere.path + "/state", daemon.socket), (daemon.state, elsewhere.path + "/other.sock"),
            ] {
                let second = Command(
                    BuildFolder.sessiond, "--config", daemon.configuration, "--state-dir", state, "--socket", socket)
                let outcome = try await second.run()
                #expect(outcome.status == .status(75))
                #expect(outcome.errors.contains("critical"))
                #expect(outcome.errors.contains("stop the other daemon"))
                #expect(try await connection.call("session.get")["phase"] == "active")
                #expect(try await daemon.connect().call("server.ping") == [:])
            }
        }

        @Test("a socket whose daemon has died is replaced; what is no socket is left alone")
        func leftovers() async throws {
            let daemon = try await DaemonProcess.start()
            try await daemon.kill()
            #expect(Files.status(daemon.socket) != nil)
            #expect(throws: SystemFailure.self) { try daemon.connect() }
            try await daemon.start()
            #expect(try await daemon.connect().call("server.ping") == [:])
            #expect(try await daemon.stop() == .status(0))
            #expect(Files.status(daemon.socket) == nil)
            try daemon.folder.write("precious", to: "run/sessiond.sock")
            #expect(try await daemon.spawn().exit() == .status(78))
            #expect(try Files.text(daemon.socket) == "precious")
            #expect(daemon.log.contains("is no socket"))
        }

        @Test("a socket that somebody else serves is left alone")
        func foreign() async throws {
            let daemon = try await DaemonProcess.prepare()
            let other = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            defer { close(other) }
            #expect(UnixAddress.with(daemon.socket) { bind(other, $0, $1) } == 0)
            #expect(listen(other, 1) == 0)
            let before = Files.status(daemon.socket)?.st_ino
            #expect(try await daemon.spawn().exit() == .status(75))
            #expect(Files.status(daemon.socket)?.st_ino == before)
        }

        @Test(
            "wrong arguments end with 64 and the usage",
            arguments: [["--nonsense"], ["--state-dir"], ["extra"], ["--check-config", "--version"]])
        func usage(words: [String]) async throws {
            var command = Command(BuildFolder.sessiond)
            command.words += words
            let outcome = try await command.run()
            #expect(outcome.status == .status(64))
            #expect(outcome.errors.contains("usage: sessiond"))
        }

        @Test("--version and --help answer")
        func version() async throws {
            #expect(try await Command(BuildFolder.sessiond, "--version").run().output.hasPrefix("sessiond "))
            #expect(try await Command(BuildFolder.sessiond, "--help").run().output.hasPrefix("usage: sessiond"))
        }
    }
}
