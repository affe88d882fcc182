import Glibc
import SessionProtocol
import Testing

extension Process {
    @Suite("Signals", .timeLimit(.minutes(1)))
    struct SignalTests {
        @Test(
            "SIGTERM and SIGINT stop it within 3 s with 0: watchers are told, waits answered, started changes finished")
        func stop() async throws {
            for number in [SIGTERM, SIGINT] {
                let daemon = try await DaemonProcess.start()
                let watcher = try daemon.connect()
                let subscription = try await watcher.call("session.watch")["subscription"]
                let waiting = try daemon.connect()
                for id in 0..<8 { waiting.send(.integer(Int64(id)), "session.wait", ["until": ["locked"]]) }
                let silent = try daemon.connect()
                silent.send("{\"jsonrpc\"")
                // Hashing the password takes its time.
                let changer = try daemon.connect()
                changer.send(
                    "change", "authority.user.add", ["username": "late", "password": "long enough"])
                try await changer.call("server.ping")
                try await silent.connectionIsServed(by: daemon)
                let clock = ContinuousClock()
                let start = clock.now
                try daemon.process.signal(number)
                let closed = try await watcher.notification()
                #expect(closed["method"] == "subscription.closed")
                #expect(closed["params"] == ["subscription": subscription ?? .null, "reason": "shutdown"])
                for _ in 0..<8 {
                    #expect(try await waiting.line()?["error"]?["data"]?["kind"] == "shuttingDown")
                }
                var answer: JSONValue?
                while let line = try await changer.line() { if line["id"] == "change" { answer = line } }
                #expect(try await daemon.process.exit() == .status(0))
                #expect(clock.now - start < .seconds(3))
                #expect(Files.status(daemon.socket) == nil)
                #expect(daemon.log.contains("stopped"))
                // What was answered is there; what was not may be.
                try await daemon.start()
                let users = try await daemon.connect().call("authority.users")["users"]?.arrayValue
                let isThere = users?.contains { $0["username"] == "late" } == true
                #expect(answer?["result"] == nil || isThere)
            }
        }

        @Test("a stop in the very moment of READY is an orderly one")
        func stopAtReady() async throws {
            for _ in 0..<8 {
                let daemon = try await DaemonProcess.start()
                #expect(try await daemon.stop() == .status(0))
                #expect(Files.status(daemon.socket) == nil)
                #expect(daemon.log.contains("stopped"))
            }
        }

        @Test("STOPPING and STATUS reach the service manager")
        func stopping() async throws {
            let daemon = try await DaemonProcess.start()
            try await daemon.connect().signIn()
            try await daemon.manager.wait("a status") { $0.hasPrefix("STATUS=") && $0.contains("1 active") }
            async let told: Void = daemon.manager.wait(for: "STOPPING=1")
            #expect(try await daemon.stop() == .status(0))
            try await told
        }

        @Test("SIGHUP reads a good configuration again; sessions go on, and watchers of a new profile are told")
        func reload() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            let before = try await connection.signIn()
            let extended = """
                defaultProfile: added
                profiles: {default: {provider: embedded}, added: {provider: embedded}}

                """
            try daemon.folder.write(extended, to: "etc/sessiond.yaml")
            try daemon.process.signal(SIGHUP)
            try await daemon.manager.wait("RELOADING=1") { $0 == "RELOADING=1" }
            try await daemon.manager.wait(for: "READY=1")
            let profiles = try await connection.call("profile.list")["profiles"]?.arrayValue
            #expect(profiles?.map { $0["profile"] } == ["added", "default"])
            #expect(profiles?.map { $0["isDefault"] } == [true, false])
            let after = try await connection.call("session.get", ["profile": "default"])
            #expect(after["instance"] == before["instance"] && after["expiresAt"] == before["expiresAt"])
            try daemon.folder.write("profiles: {default: {provider: embedded}}\n", to: "etc/sessiond.yaml")
            try await connection.call("session.watch", ["profile": "added"])
            try daemon.process.signal(SIGHUP)
            let closed = try await connection.notification()
            #expect(closed["method"] == "subscription.closed" && closed["params"]?["reason"] == "revoked")
            #expect(try await connection.failure("session.get", ["profile": "added"]).kind == "profileNotFound")
        }

        @Test("SIGHUP with a bad configuration changes nothing and says where it is wrong")
        func badReload() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            try await connection.signIn()
            for text in ["profiles: {default: {provider: nonsense}}\n", "a: [\n", "profile: 1\n", ""] {
                try daemon.folder.write(text.isEmpty ? "defaultProfile: nobody\n" : text, to: "etc/sessiond.yaml")
                try daemon.process.signal(SIGHUP)
                try await daemon.manager.wait("RELOADING=1") { $0 == "RELOADING=1" }
                try await daemon.manager.wait(for: "READY=1")
                #expect(try await connection.call("session.get")["phase"] == "active")
                #expect(daemon.log.contains("sessiond.yaml:"))
                #expect(daemon.log.contains("the old one stays in force"))
            }
            unlink(daemon.configuration)
            try daemon.process.signal(SIGHUP)
            try await daemon.manager.wait(for: "READY=1")
            #expect(try await connection.call("session.get")["phase"] == "active")
            // Whoever only looks at the status line learns of it, until a reload succeeds.
            func reload(_ isRefused: Bool) async throws {
                try daemon.process.signal(SIGHUP)
                try await daemon.manager.wait("STATUS, refused: \(isRefused)") { assignment in
                    assignment.hasPrefix("STATUS=1 profile")
                        && assignment.hasSuffix("; the last reload was refused, see the log") == isRefused
                }
            }
            try daemon.folder.write("a: [\n", to: "etc/sessiond.yaml")
            try await reload(true)
            try daemon.folder.write("profiles: {default: {provider: embedded}}\n", to: "etc/sessiond.yaml")
            try await reload(false)
        }
    }
}

extension WireConnection {
    /// The daemon has taken this connection in: it answers another one that came later.
    func connectionIsServed(by daemon: DaemonProcess) async throws { try await daemon.connect().call("server.ping") }
}
