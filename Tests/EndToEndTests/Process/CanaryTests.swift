import Glibc
import SessionProtocol
import Testing

extension Process {
    @Suite("Secrets stay inside", .timeLimit(.minutes(1)))
    struct CanaryTests {
        private static let password = "canary-b1f3-password"
        private static let wrongPassword = "canary-77aa-mistyped"

        @Test("no password and no token of a whole run is found in logs, answers, files, arguments or environment")
        func canary() async throws {
            var setup = DaemonProcess.Setup()
            setup.isSeeded = false
            setup.arguments = ["--log-level", "trace"]
            let daemon = try await DaemonProcess.start(setup)
            var secrets: Set<String> = [Self.password, Self.wrongPassword]
            var answers: [JSONValue] = []
            let connection = try daemon.connect()
            let watcher = try daemon.connect()
            try await watcher.call("session.watch", ["topics": ["token", "phase", "user", "session"]])
            func say(_ method: String, _ params: JSONValue = [:]) async throws {
                answers.append(try await connection.reply(method, params))
            }
            func keepTokens() async throws {
                let tokens = try await connection.call("session.token", ["minValidMs": 300_000])["tokens"]?.objectValue
                for token in (tokens ?? [:]).values { secrets.insert(token.stringValue ?? "") }
                let headers = try await connection.call("session.headers")["headers"]?.objectValue ?? [:]
                for header in headers.values {
                    secrets.insert(header.stringValue.map { String($0.split(separator: " ").last ?? "") } ?? "")
                }
            }
            let name: JSONValue = ["username": "ada", "password": .string(Self.password), "method": "password"]
            try await say("session.signUp", name)
            try await keepTokens()
            try await say(
                "session.signIn", ["username": "ada", "password": .string(Self.wrongPassword), "method": "password"])
            try await say(
                "session.signIn", ["username": 7, "password": .string(Self.wrongPassword), "method": "password"])
            try await say("session.signIn", ["method": "nonsense", "password": .string(Self.wrongPassword)])
            let grant =
                try await connection.call("authority.grant", ["username": "ada"])["accessToken"]?.stringValue ?? ""
            secrets.insert(grant)
            try await say("session.exchange", ["accessToken": .string(grant), "nonsense": .string(Self.password)])
            try await say("session.exchange", ["accessToken": .string(grant)])
            try await keepTokens()
            try await say("session.exchange", ["accessToken": .string(grant)])
            connection.send(
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"session.unlock\",\"params\":{\"password\":\"\(Self.password)\"\n"
            )
            if let line = try await connection.line() { answers.append(line) }
            for method in [
                "session.get", "session.list", "server.status", "server.health", "authority.users",
                "authority.sessions", "user.fetch", "session.authenticate", "rpc.discover",
            ] {
                try await say(method)
            }
            try await daemon.kill()
            try await daemon.start()
            let later = try daemon.connect()
            answers.append(try await later.call("session.wait", ["until": ["active"]]))
            for token in try await later.call("session.token")["tokens"]?.objectValue ?? [:] {
                secrets.insert(token.value.stringValue ?? "")
            }
            answers.append(try await later.call("session.revoke", ["target": "all"]))
            let pid = try daemon.process.pid
            var places = ["arguments": try Files.read("/proc/\(pid)/cmdline")]
            if Requirements.isRoot { places["environment"] = try Files.read("/proc/\(pid)/environ") }
            places["answers"] = JSONValue.array(answers).encoded
            places["status"] = Array(daemon.manager.assignments.joined(separator: "\n").utf8)
            #expect(try await daemon.stop() == .status(0))
            places["log"] = Array(daemon.log.utf8)
            for (file, bytes) in try Files.all(in: daemon.state) { places["state/\(file)"] = bytes }
            for (file, bytes) in try Files.all(in: daemon.folder.path + "/run") { places["run/\(file)"] = bytes }
            secrets.remove("")
            #expect(secrets.count >= 7)
            for (place, bytes) in places {
                let text = String(decoding: bytes, as: UTF8.self)
                for secret in secrets {
                    #expect(!text.contains(secret), "\(secret.prefix(6))… in \(place)")
                }
            }
            #expect(daemon.log.contains(" debug ") || daemon.log.contains(" trace ") || daemon.log.contains(" info "))
        }
    }
}
