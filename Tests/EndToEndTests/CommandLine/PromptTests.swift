import Glibc
import Testing

extension Clients {
    @Suite("sessionctl on a terminal", .timeLimit(.minutes(1)))
    struct PromptTests {
        private static func start(_ words: [String], for daemon: DaemonProcess) throws -> TerminalCommand {
            var environment = DaemonProcess.environment
            environment["SESSIOND_SOCKET"] = daemon.socket
            return try TerminalCommand([BuildFolder.sessionctl] + words, environment: environment)
        }

        @Test("login asks for name and password, and shows the name only")
        func login() async throws {
            let daemon = try await DaemonProcess.start()
            let program = try Self.start(["login"], for: daemon)
            var screen = try await program.screen.text(through: "User name: ")
            program.type(Seed.username)
            screen += try await program.screen.text(through: "Password: ")
            program.type(Seed.password)
            // The command line that others can read holds no secret.
            let line = try Files.text("/proc/\(program.process.pid)/cmdline")
            #expect(!line.contains(Seed.password))
            screen += try await program.screen.rest()
            #expect(try await program.process.exit() == .status(0))
            for word in [Seed.username, "Signed in as", "Ada Lovelace"] { #expect(screen.contains(word), "\(screen)") }
            #expect(!screen.contains(Seed.password))
        }

        @Test("an interrupted question ends by the signal, with the terminal's echo restored")
        func interrupted() async throws {
            let daemon = try await DaemonProcess.start()
            let program = try Self.start(["login", "--username", Seed.username], for: daemon)
            _ = try await program.screen.text(through: "Password: ")
            var silent = termios()
            tcgetattr(program.screen.descriptor, &silent)
            #expect(silent.c_lflag & tcflag_t(ECHO) == 0)
            program.process.signal(SIGINT)
            #expect(try await program.process.exit() == .signal(SIGINT))
            var restored = termios()
            tcgetattr(program.screen.descriptor, &restored)
            #expect(restored.c_lflag & tcflag_t(ECHO) != 0)
        }

        @Test("status is coloured on a terminal, and not with NO_COLOR or --no-color")
        func colour() async throws {
            let daemon = try await DaemonProcess.start()
            for (words, isColoured) in [(["status"], true), (["status", "--no-color"], false)] {
                let program = try Self.start(words, for: daemon)
                let screen = try await program.screen.rest()
                #expect(try await program.process.exit() == .status(0))
                #expect(screen.contains("default") && screen.contains("\u{1B}[") == isColoured, "\(words): \(screen)")
            }
        }
    }
}
