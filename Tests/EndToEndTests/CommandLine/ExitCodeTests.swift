import Glibc
import SessionProtocol
import Testing

extension Clients {
    @Suite("sessionctl's exit codes", .timeLimit(.minutes(1)))
    struct ExitCodeTests {
        @Test("64 for what cannot be meant, with no daemon asked")
        func usage() async throws {
            let daemon = try await DaemonProcess.prepare()
            for words in [
                ["nonsense"], ["status", "--nonsense"], ["token", "--min-valid", "soon"],
                ["login", "--field", "password=x"], ["authenticate", "--extend", "90s"], ["access", "check"],
            ] {
                let outcome = try await Command.sessionctl(words, for: daemon)
                #expect(outcome.status == .status(64), "\(words): \(outcome.status) \(outcome.errors)")
                #expect(outcome.output.isEmpty)
            }
        }

        @Test("69 where no daemon answers, in words and as JSON")
        func noDaemon() async throws {
            let daemon = try await DaemonProcess.prepare()
            let words = try await Command.sessionctl("status", for: daemon)
            #expect(words.status == .status(69))
            #expect(words.errors.hasPrefix("sessionctl: ") && words.errors.contains(" — "))
            let json = try await Command.sessionctl("status", "--json", for: daemon)
            #expect(json.status == .status(69))
            #expect(try JSONValue.parse(Array(json.errors.utf8))["error"]?["kind"] == "unavailable")
        }

        @Test("75 where the time is up")
        func tryAgain() async throws {
            let daemon = try await DaemonProcess.start()
            let outcome = try await Command.sessionctl("status", "--wait", "--timeout", "50ms", for: daemon)
            #expect(outcome.status == .status(75), "\(outcome.errors)")
        }

        @Test("77 where this user may not", .needsRoot)
        func notAllowed() async throws {
            let daemon = try await DaemonProcess.start(configuration: "socket: {mode: \"0666\"}\n")
            let wrapper = ["setpriv", "--reuid", "65533", "--regid", "65533", "--clear-groups", "--"]
            var readable = Command()
            readable.words = wrapper + [BuildFolder.sessionctl, "--version"]
            guard case .status = try await readable.run().status, access(BuildFolder.sessionctl, X_OK) == 0 else {
                return
            }
            let outcome = try await Command.sessionctl(["status"], for: daemon, wrapper: wrapper)
            #expect(outcome.status == .status(77), "\(outcome.errors)")
            #expect(outcome.errors.contains(" — "))
        }
    }
}
