import Glibc
import SessionProtocol
import Testing

extension Process {
    /// A service manager that wants to hear every 3 s, and so is told every second.
    @Suite("The watchdog", .timeLimit(.minutes(1)))
    struct WatchdogTests {
        private static func start(_ edit: (inout DaemonProcess.Setup) -> Void = { _ in }) async throws -> DaemonProcess
        {
            var setup = DaemonProcess.Setup()
            setup.environment = ["WATCHDOG_USEC": "3000000"]
            edit(&setup)
            return try await DaemonProcess.start(setup)
        }

        private static func pings(_ daemon: DaemonProcess, _ count: Int = 2) async throws {
            for _ in 0..<count { try await daemon.manager.wait(for: "WATCHDOG=1") }
        }

        private static func check(_ name: String, of connection: WireConnection) async throws -> JSONValue {
            let checks = try await connection.call("server.health")["checks"]?.arrayValue
            return try #require(checks?.first { $0["name"] == .string(name) })
        }

        @Test("it is told from READY on, over the socket, and none of that counts as a client")
        func well() async throws {
            let daemon = try await Self.start()
            try await Self.pings(daemon, 3)
            let connection = try daemon.connect()
            let health = try await connection.call("server.health")
            #expect(health["live"] == true && health["ready"] == true && health["status"] == "ok")
            let names = health["checks"]?.arrayValue?.map { $0["name"] }
            #expect(names == ["socket", "keepers", "store", "heartbeats", "keys", "upstream"])
            let status = try await connection.call("server.status")
            #expect(status["connections"] == 1 && status["counters"]?["connections"] == 1)
            #expect(status["counters"]?["requests"] == 2)
        }

        @Test("findings have the age of what they rest on")
        func ages() async throws {
            let daemon = try await Self.start()
            let connection = try daemon.connect()
            try await connection.signIn()
            let first = try await Self.check("store", of: connection)["ageMs"]?.integerValue ?? -1
            try await Self.pings(daemon, 2)
            let second = try await Self.check("store", of: connection)["ageMs"]?.integerValue ?? -1
            // Nothing was stored in between; the socket was tried.
            #expect(first >= 0 && second > first)
            #expect(try await Self.check("socket", of: connection)["ageMs"]?.integerValue ?? 9999 < 1500)
        }

        @Test("a daemon that is stopped is silent, and heard again when it goes on")
        func stopped() async throws {
            let daemon = try await Self.start()
            try await Self.pings(daemon)
            try daemon.process.signal(SIGSTOP)
            daemon.manager.drain()
            await #expect(throws: TooLate.self) {
                try await daemon.manager.wait(for: "WATCHDOG=1", within: .seconds(3))
            }
            try daemon.process.signal(SIGCONT)
            try await Self.pings(daemon)
        }

        @Test("a disk that hangs stops it, and the status line and the health say so", .needsStrace)
        func hangingDisk() async throws {
            let daemon = try await Self.start()
            let connection = try daemon.connect()
            try await connection.signIn()
            try await Self.pings(daemon)
            // Longer than the test lasts.
            let saboteur = try await Saboteur(daemon, "fsync:delay_enter=60000000")
            connection.send(1, "user.update", ["user": ["n": 1]])
            try await daemon.manager.wait("the status") {
                $0.hasPrefix("STATUS=stuck: ") && $0.contains("the disk has not answered")
            }
            daemon.manager.drain()
            await #expect(throws: TooLate.self) {
                try await daemon.manager.wait(for: "WATCHDOG=1", within: .seconds(3))
            }
            let other = try daemon.connect()
            let health = try await other.call("server.health")
            #expect(health["live"] == false && health["status"] == "failing")
            #expect(try await Self.check("store", of: other)["ok"] == false)
            #expect(daemon.log.contains("a part of the daemon does not move"))
            try await saboteur.stop()
            try await Self.pings(daemon)
            #expect(daemon.log.contains("it moves again"))
        }

        @Test("a disk that fails does not", .needsStrace)
        func failingDisk() async throws {
            let daemon = try await Self.start()
            let connection = try daemon.connect()
            try await connection.signIn()
            let saboteur = try await Saboteur(daemon, "fsync:error=EIO")
            #expect(try await connection.failure("user.update", ["user": ["n": 1]]).kind == "storeFailed")
            daemon.manager.drain()
            try await Self.pings(daemon, 4)
            let health = try await connection.call("server.health")
            #expect(health["live"] == true && health["status"] == "degraded")
            try await saboteur.stop()
        }

        @Test("an auth service that is out of reach does not")
        func network() async throws {
            let daemon = try await Self.start {
                $0.isSeeded = false
                // Nobody listens at the port of discard.
                $0.configuration = """
                    profiles:
                      default:
                        provider: agnost
                        baseURL: http://127.0.0.1:9/env-1
                        apiKey: k
                        heartbeat: {interval: 1s, timeout: 1s}

                    """
            }
            let connection = try daemon.connect()
            try await connection.call(
                "session.update", ["sessionToken": "handed-in", "session": ["token": "handed-in"]])
            try await Self.pings(daemon, 8)
            let health = try await connection.call("server.health")
            #expect(health["live"] == true && health["status"] == "degraded")
            #expect(try await Self.check("heartbeats", of: connection)["ok"] == true)
            #expect(try await Self.check("upstream", of: connection)["ok"] == false)
            try await daemon.manager.wait("the last check") {
                $0.hasPrefix("STATUS=1 profile: ") && $0.contains("; last check ")
            }
        }

        @Test("a socket that leads to nobody any more asks for a restart at once")
        func dead() async throws {
            let daemon = try await Self.start()
            try await Self.pings(daemon)
            unlink(daemon.socket)
            try await daemon.manager.wait(for: "WATCHDOG=trigger")
        }

        @Test("clients that take every place do not stop it")
        func crowd() async throws {
            let daemon = try await Self.start { $0.configuration += "limits: {maxConnections: 2}\n" }
            let clients = try [daemon.connect(), daemon.connect()]
            for client in clients { try await client.call("server.ping") }
            daemon.manager.drain()
            try await Self.pings(daemon, 4)
        }

        /// A daemon that is held while it locks its state. strace lets go of the thread, and with it of the last of the
        /// process, when that time is over.
        private static func spawn(heldForSeconds seconds: Int) async throws -> (DaemonProcess, ChildProcess) {
            var setup = DaemonProcess.Setup()
            setup.isSeeded = false
            setup.wrapper = [
                "strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=flock",
                "-e", "inject=flock:delay_enter=\(seconds)000000:when=1",
            ]
            let daemon = try await DaemonProcess.prepare(setup)
            return (daemon, try daemon.spawn())
        }

        @Test("while the state is slow to open more time is asked for, and READY waits", .needsStrace)
        func slowStart() async throws {
            let (daemon, process) = try await Self.spawn(heldForSeconds: 3)
            try await daemon.manager.wait(for: "EXTEND_TIMEOUT_USEC=15000000", unless: process)
            #expect(!daemon.manager.assignments.contains("READY=1"))
            try await daemon.manager.wait(for: "READY=1", unless: process)
            #expect(daemon.manager.assignments.contains("STATUS=opening the stored state"))
            #expect(try await daemon.stop() == .status(0))
        }

        @Test("a stop before the start is over does not wait for it", .needsStrace)
        func stopWhileStarting() async throws {
            let (daemon, process) = try await Self.spawn(heldForSeconds: 8)
            try await daemon.manager.wait(for: "STATUS=opening the stored state", unless: process)
            process.signal(SIGTERM)
            try await daemon.manager.wait(for: "STOPPING=1", unless: process)
            #expect(try await process.exit() == .status(0))
            #expect(!daemon.manager.assignments.contains("READY=1"))
        }

        @Test("what ends the start has its errno where there is one, and a restart that cannot help is not asked for")
        func fatal() async throws {
            let daemon = try await DaemonProcess.prepare()
            let exit = try daemon.spawn(arguments: [
                "--config", daemon.configuration, "--state-dir", "/proc/nowhere", "--socket", daemon.socket,
            ])
            try await daemon.manager.wait(for: "ERRNO=\(ENOENT)")
            #expect(try await exit.exit() == .status(75))
            var setup = DaemonProcess.Setup()
            setup.environment = ["WATCHDOG_USEC": "soon"]
            let malformed = try await DaemonProcess.prepare(setup)
            #expect(try await malformed.spawn().exit() == .status(78))
            #expect(malformed.log.contains("WATCHDOG_USEC is malformed: soon"))
        }
    }
}
