import CTestProcess
import Glibc
import SessionProtocol
import Testing

extension Clients {
    @Suite("sessionctl and the real daemon", .timeLimit(.minutes(1)))
    struct VerbTests {
        @Test("from sign-up to sign-out, each verb does its work and says so")
        func story() async throws {
            let daemon = try await DaemonProcess.start()
            func run(_ words: String..., input: String = "") async throws -> Command.Outcome {
                try await Command.sessionctl(words, for: daemon, input: input)
            }
            let check = try await run("status", "--check", "--quiet")
            #expect(check.status == .status(3) && check.output.isEmpty)
            #expect(try await run("token").status == .status(3))
            let signUp = try await run(
                "signup", "--username", "grace", "--name", "Grace", input: "long enough\nlong enough\n")
            #expect(signUp.status == .status(0), "\(signUp.errors)")
            #expect(signUp.output.contains("Grace"))
            let status = try await run("status")
            #expect(status.status == .status(0))
            for word in ["default", "active", "embedded", "Grace (grace)", "ends", "confirmed"] {
                #expect(status.output.contains(word), "\(word) in \(status.output)")
            }
            #expect(!status.output.contains("\u{1B}"), "no colour without a terminal")
            let token = try await run("token")
            #expect(token.status == .status(0) && token.output.hasPrefix("sds_") && token.output.hasSuffix("\n"))
            #expect(
                try await run("token", "--type", "jwt", "--min-valid", "60s").output.split(separator: ".").count == 3)
            let headers = try await run("headers")
            #expect(headers.status == .status(0) && headers.output.contains(": "))
            #expect(try await run("authenticate", "--extend", "90m").status == .status(0))
            #expect(try await run("list").output.contains("this one"))
            #expect(try await run("profiles", "--names").output == "default\n")
            #expect(try await run("access", "check", "docs:r").status == .status(1))
            #expect(try await run("access", "check", "*").output == "yes\n")
            #expect(try await run("health").output.hasPrefix("ok"))
            #expect(try await run("config").status == .status(0))
            #expect(try await run("logout").status == .status(0))
            #expect(try await run("logout").status == .status(0), "twice is no error")
            let wrong = try await run("login", "--username", "grace", input: "wrong password\n")
            #expect(wrong.status == .status(1))
            #expect(wrong.errors.contains("invalid_credentials"))
            #expect(try await run("login", "--username", "grace", input: "long enough\n").status == .status(0))
            #expect(try await run("status", "--check", "--quiet").status == .status(0))
        }

        @Test("the authority's verbs make, change, list and remove users, sessions and grants")
        func authority() async throws {
            let daemon = try await DaemonProcess.start()
            func run(_ words: String..., input: String = "") async throws -> Command.Outcome {
                let outcome = try await Command.sessionctl(["authority"] + words, for: daemon, input: input)
                #expect(outcome.status == .status(0), "\(words): \(outcome.errors)")
                return outcome
            }
            _ = try await run("add", "eve", "--access", "docs=r", input: "long enough\nlong enough\n")
            _ = try await run("update", "eve", "--name", "Eve", "--access", "docs=crud", "--access", "bills=r")
            let users = try await run("users").output
            #expect(users.contains("eve") && users.contains("Eve") && users.contains("bills=r docs=crud"))
            let grant = try await run("grant", "eve", "--expires", "5m").output
            let login = try await Command.sessionctl("login", "--access-token-stdin", for: daemon, input: grant)
            #expect(login.status == .status(0), "\(login.errors)")
            #expect(try await Command.sessionctl("access", "check", "docs:d", for: daemon).status == .status(0))
            let sessions = try await run("--json", "sessions").json?["sessions"]?.arrayValue
            let id = try #require(sessions?.first?["id"]?.stringValue)
            _ = try await run("revoke", id)
            #expect(try await Command.sessionctl("authenticate", for: daemon).status == .status(3))
            _ = try await run("remove", "eve")
            #expect(try await !run("users").output.contains("eve"))
            #expect(try await run("jwks").json?["keys"]?.arrayValue?.count == 1)
        }

        @Test("update hands in a session that began elsewhere, from the input")
        func update() async throws {
            let daemon = try await DaemonProcess.start(
                configuration: "profiles: {default: {provider: embedded}, other: {provider: embedded}}\n")
            let connection = try daemon.connect()
            try await connection.signIn(profile: "other")
            let token = try await Command.sessionctl("-p", "other", "token", for: daemon).output
            let outcome = try await Command.sessionctl("update", "--session-token-stdin", for: daemon, input: token)
            #expect(outcome.status == .status(0), "\(outcome.errors)")
            #expect(!outcome.output.contains(token.dropLast()) && !outcome.errors.contains(token.dropLast()))
            let confirmed = try await connection.call("session.wait", ["until": ["active"]])
            #expect(confirmed["objects"]?["user"]?["value"]?["username"] == .string(Seed.username))
        }

        static let jsonVerbs: [[String]] = [
            ["status"], ["status", "--profile", "default"], ["token"], ["headers"], ["list"], ["profiles"],
            ["authenticate"], ["access"], ["access", "check", "docs:r"], ["health"], ["config"],
            ["authority", "users"], ["authority", "sessions"], ["authority", "jwks"], ["logout"],
        ]

        @Test("--json prints one line of JSON")
        func json() async throws {
            let daemon = try await DaemonProcess.start()
            try await daemon.connect().signIn()
            for words in Self.jsonVerbs {
                let outcome = try await Command.sessionctl(words + ["--json"], for: daemon)
                #expect(
                    outcome.json != nil && outcome.output.split(separator: "\n").count == 1,
                    "\(words): \(outcome.output)")
                #expect(outcome.status == .status(0), "\(words)")
            }
        }

        @Test("watch prints a line a change, goes on over a restart, and ends with 0 on SIGTERM")
        func watch() async throws {
            let daemon = try await DaemonProcess.start()
            var environment = DaemonProcess.environment
            environment["SESSIOND_SOCKET"] = daemon.socket
            let human = try RunningCommand([BuildFolder.sessionctl, "watch"], environment: environment)
            let machine = try RunningCommand([BuildFolder.sessionctl, "watch", "--json"], environment: environment)
            #expect(try await human.output.text()?.contains("signedOut") == true)
            #expect(try JSONValue.parse(try await machine.output.line() ?? [])["phase"] == "signedOut")
            try await daemon.connect().signIn()
            #expect(try await human.output.text()?.contains("Ada Lovelace") == true)
            #expect(try JSONValue.parse(try await machine.output.line() ?? [])["phase"] == "active")
            try await daemon.kill()
            try await daemon.start()
            try await daemon.connect().call("session.revoke")
            while let line = try await human.output.text(), !line.contains("signedOut") {}
            for command in [human, machine] {
                command.process.signal(15)
                #expect(try await command.process.exit() == .status(0))
            }
        }

        @Test("a watch whose reader takes nothing ends on a second signal")
        func stalledWatch() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            var ends: [Int32] = [0, 0]
            try #require(ctp_pipe(&ends) == 0)
            defer { for end in ends { close(end) } }
            try await connection.signIn()
            try await connection.call(
                "user.update", ["user": ["name": .string(String(repeating: "x", count: 40_000))]])
            // F_SETPIPE_SZ, which Swift's Glibc hides: far less than a line.
            try #require(fcntl(ends[1], 1031, 4096) == 4096)
            var environment = DaemonProcess.environment
            environment["SESSIOND_SOCKET"] = daemon.socket
            let null = open("/dev/null", O_RDWR | O_CLOEXEC)
            defer { close(null) }
            let process = try ChildProcess(
                [BuildFolder.sessionctl, "watch", "--json"], environment: environment,
                descriptors: [0: null, 1: ends[1], 2: null])
            // It has begun a line that it cannot end.
            #expect(isReadable(ends[0], within: .seconds(30)))
            var exit: ChildProcess.Exit?
            for _ in 0..<50 where exit == nil {
                process.signal(SIGTERM)
                exit = try? await process.exit(within: .milliseconds(200))
            }
            #expect(exit == .signal(SIGTERM))
        }

        @Test("completions for the shells are there")
        func completions() async throws {
            for shell in ["bash", "zsh", "fish"] {
                let outcome = try await Command(BuildFolder.sessionctl, "completions", shell).run()
                #expect(outcome.status == .status(0) && outcome.output.contains("sessionctl"))
            }
        }
    }
}
