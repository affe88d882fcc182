import FakeServices
import SessionProtocol
import Testing

extension Backstack {
    @Suite("Backstack in the configuration", .timeLimit(.minutes(1)))
    struct ConfigurationTests {
        private static func check(_ text: String) async throws -> (path: String, outcome: Command.Outcome) {
            let folder = try TemporaryFolder()
            try folder.write(text, to: "sessiond.yaml", mode: 0o600)
            let path = folder.path + "/sessiond.yaml"
            return (path, try await Command(BuildFolder.sessiond, "--check-config", "--config", path).run())
        }

        @Test("--check-config warns of a duration that a session without an end cannot have, by file, line and column")
        func duration() async throws {
            let site = try await BackstackSite()
            let (path, outcome) = try await Self.check(
                site.configuration(more: "sessionDuration: 60m\n    keepAlive: true"))
            #expect(outcome.status == .status(0), "\(outcome.output)")
            for (place, key) in [("8:22", "sessionDuration"), ("9:16", "keepAlive")] {
                let line = "\(path):\(place): warning: profiles.default.\(key): has no effect: "
                #expect(outcome.output.contains(line + "Backstack's sessions have no end"), "\(outcome.output)")
            }
        }

        @Test("--check-config accepts the example of the provider's page as it stands")
        func example() async throws {
            let root = #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined()
            let page = try Files.text(root + "/docs/providers/backstack.md")
            let blocks = page.split(separator: "```yaml\n").dropFirst().compactMap { $0.split(separator: "```").first }
            #expect(blocks.count == 1)
            for block in blocks {
                let indentation = block.prefix { $0 == " " }.count
                let lines = block.split(separator: "\n").map { $0.dropFirst(indentation) }
                let (_, outcome) = try await Self.check(lines.joined(separator: "\n") + "\n")
                #expect(outcome.status == .status(0), "\(block)\n\(outcome.output)")
                #expect(outcome.output == "the configuration is valid; profiles: default\n", "\(outcome.output)")
            }
        }

        @Test("a key file that comes late or is replaced needs no restart: until then it is named as what to mend")
        func lateKey() async throws {
            let site = try await BackstackSite()
            let folder = try TemporaryFolder()
            var setup = DaemonProcess.Setup()
            setup.isSeeded = false
            setup.configuration = site.configuration().split(separator: "\n").map { line in
                line.contains("appKey") ? "    appKey: {file: \(folder.path)/late.key}" : String(line)
            }.joined(separator: "\n")
            let daemon = try await DaemonProcess.start(setup)
            let connection = try daemon.connect()
            for (key, reason) in [(nil, "app_key_unavailable"), ("of-another-app\n", "invalid_app_key")] {
                if let key { try folder.write(key, to: "late.key", mode: 0o600) }
                let failure = try await connection.failure("session.signIn", BackstackSite.fields("kari"))
                #expect(failure.code == 1013 && failure.data["reason"] == .string(reason), "\(failure)")
            }
            #expect(daemon.log.contains("profiles.default.appKey: the secret cannot be had: there is no such file"))
            try folder.write(BackstackSite.appKey + "\n", to: "late.key", mode: 0o600)
            let done = try await connection.call("session.signIn", BackstackSite.fields("kari"))
            #expect(done["outcome"] == "signedIn")
        }
    }
}
