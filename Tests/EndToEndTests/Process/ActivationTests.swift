import Glibc
import SessionProtocol
import Testing

extension Process {
    @Suite("Socket activation", .timeLimit(.minutes(1)))
    struct ActivationTests {
        private static func listening(_ path: String) throws -> Int32 {
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0, UnixAddress.with(path, { bind(descriptor, $0, $1) }) == 0,
                listen(descriptor, 16) == 0
            else { throw SystemFailure("listen") }
            return descriptor
        }

        @Test("an inherited socket is served instead of a path, keeps its node, and its clients over a restart")
        func inherited() async throws {
            let place = try TemporaryFolder()
            let path = place.path + "/activated.sock"
            let descriptor = try Self.listening(path)
            defer { close(descriptor) }
            var setup = DaemonProcess.Setup()
            setup.descriptors = [3: descriptor]
            setup.environment = ["LISTEN_FDS": "1"]
            // The process that becomes the daemon knows its own pid.
            setup.wrapper = ["sh", "-c", "LISTEN_PID=$$ exec \"$@\"", "sh"]
            let daemon = try await DaemonProcess.start(setup)
            let connection = try WireConnection(path: path)
            try await connection.signIn()
            #expect(Files.status(daemon.socket) == nil)
            #expect(try await daemon.stop() == .status(0))
            #expect(Files.status(path) != nil)
            // Nobody serves now; a client that connects waits for the next daemon.
            let early = try WireConnection(path: path)
            early.send(1, "session.get")
            try await daemon.start()
            #expect(try await early.line()?["result"]?["objects"]?["session"]?["state"] == "available")
        }

        @Test(
            "systemd's own activator starts it with the first client",
            .enabled(if: Requirements.hasSocketActivate, "needs systemd-socket-activate"))
        func activator() async throws {
            let daemon = try await DaemonProcess.prepare()
            let path = daemon.folder.path + "/activated.sock"
            let activator = try RunningCommand(
                ["systemd-socket-activate", "-l", path, "-E", "NOTIFY_SOCKET=\(daemon.manager.path)"]
                    + [BuildFolder.sessiond, "--config", daemon.configuration, "--state-dir", daemon.state])
            guard let line = try await activator.errors.text(), line.contains("Listening") else {
                throw TooLate(what: "the activator")
            }
            let connection = try WireConnection(path: path)
            #expect(try await connection.call("session.get")["phase"] == "signedOut")
            try await daemon.manager.wait(for: "READY=1")
            activator.process.signal(SIGTERM)
            #expect(try await activator.process.exit() == .status(0))
            #expect(Files.status(path) != nil)
        }

        @Test("a socket that does not listen is refused")
        func notASocket() async throws {
            var setup = DaemonProcess.Setup()
            let deaf = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            defer { close(deaf) }
            setup.descriptors = [3: deaf]
            setup.environment = ["LISTEN_FDS": "1"]
            setup.wrapper = ["sh", "-c", "LISTEN_PID=$$ exec \"$@\"", "sh"]
            let daemon = try await DaemonProcess.prepare(setup)
            guard case .status(let status) = try await daemon.spawn().exit(), status != 0 else {
                Issue.record("it ran")
                return
            }
            #expect(daemon.log.contains("critical"))
        }
    }
}
