import Testing

extension Process {
    @Suite("--check-config", .timeLimit(.minutes(1)))
    struct CheckConfigTests {
        /// A configuration, the line that is wrong (nil: none), and a word of what is said.
        static let table: [(String, Int?, String)] = [
            ("profiles:\n  default: {provider: embedded}\n", nil, ""),
            ("", nil, ""),
            ("profiles:\n  default:\n    providr: embedded\n", 3, "provider"),
            ("socket:\n  mode: 0660x\n", 2, "mode"),
            ("access:\n  - {user: 0, allow: [everything]}\n", 2, "everything"),
            ("profiles:\n  default: {provider: embedded, sessionDuration: 4m}\n", 2, "5"),
            ("defaultProfile: nobody\n", 1, "nobody"),
            ("a: b: c\n", 1, ""),
            ("profiles:\n  shop: {provider: oidc}\n", 2, "oidc"),
        ]

        @Test("exits with 0 or 78, and says file, line and remedy", arguments: table)
        func check(text: String, line: Int?, word: String) async throws {
            let folder = try TemporaryFolder()
            try folder.write(text, to: "sessiond.yaml")
            let path = folder.path + "/sessiond.yaml"
            let outcome = try await Command(BuildFolder.sessiond, "--check-config", "--config", path).run()
            guard let line else {
                #expect(outcome.status == .status(0), "\(outcome.output)")
                return
            }
            #expect(outcome.status == .status(78))
            #expect(outcome.output.contains("\(path):\(line)"), "\(outcome.output)")
            #expect(outcome.output.contains(word), "\(outcome.output)")
            #expect(outcome.output.contains(" — "), "a remedy: \(outcome.output)")
        }

        @Test("a profile file is checked too, and the daemon does not start on what does not pass")
        func profileFile() async throws {
            var setup = DaemonProcess.Setup()
            setup.isSeeded = false
            setup.profiles = ["shop": "provider: embedded\nnonsense: 1\n"]
            let daemon = try await DaemonProcess.prepare(setup)
            let process = try daemon.spawn(arguments: ["--check-config", "--config", daemon.configuration])
            #expect(try await process.exit() == .status(78))
            #expect(daemon.log.contains("profiles.d/shop.yaml:2"))
            #expect(try await daemon.spawn().exit() == .status(78))
            #expect(daemon.log.contains("run sessiond --check-config"))
        }
    }
}
