import Glibc
import SessionProtocol
import Testing

extension Process {
    @Suite("Entries of the journal", .timeLimit(.minutes(1)), .needsMounts)
    struct JournalTests {
        private static let password = "canary-9e02-password"
        private static let user = "canary-user-5d1c"

        @Test("the main events arrive with their fields; no password, token or user's name is in any entry")
        func events() async throws {
            let place = try TemporaryFolder()
            let journal = try FakeJournal(path: place.path + "/journal")
            var setup = DaemonProcess.Setup()
            setup.isSeeded = false
            setup.arguments = ["--log-level", "trace"]
            journal.connect(&setup)
            let daemon = try await DaemonProcess.prepare(setup)
            try daemon.spawn()
            let ready = try await journal.wait(for: "ready")
            #expect(ready["MESSAGE"] == "ready profiles=1" && ready["SESSIOND_PROFILES"] == "1")
            let connection = try daemon.connect()
            let credentials: JSONValue = [
                "method": "password", "username": .string(Self.user), "password": .string(Self.password),
            ]
            _ = try await connection.call("session.signUp", credentials)
            var secrets: Set<String> = [Self.password, Self.user]
            for token in try await connection.call("session.token")["tokens"]?.objectValue ?? [:] {
                secrets.insert(token.value.stringValue ?? "")
            }
            _ = try await connection.reply(
                "session.signIn",
                ["method": "password", "username": .string(Self.user), "password": .string(Self.password + "!")])
            _ = try await connection.call("session.revoke", ["target": "all"])
            try daemon.process.signal(SIGHUP)
            try await journal.wait(for: "reloaded")
            #expect(try await daemon.stop() == .status(0))
            try await journal.wait(for: "stopped")

            let events = journal.entries.compactMap { $0["SESSIOND_EVENT"] }
            let expected = [
                "started", "key-created", "ready", "signed-in", "signed-out", "revocation-confirmed", "reloaded",
                "stopping", "stopped",
            ]
            #expect(events.sorted() == expected.sorted())
            for entry in journal.entries {
                #expect(entry["SYSLOG_IDENTIFIER"] == "sessiond" && entry["MESSAGE"]?.isEmpty == false)
                #expect(["5", "6", "7"].contains(entry["PRIORITY"] ?? ""), "\(entry)")
                #expect(entry["CODE_FILE"]?.wholeMatch(of: /[A-Za-z]+\/[A-Za-z+]+\.swift/) != nil, "\(entry)")
                #expect(entry["CODE_LINE"].flatMap(Int.init) != nil && entry["CODE_FUNC"]?.isEmpty == false)
                #expect((entry["MESSAGE_ID"]?.count == 32) == (entry["SESSIOND_EVENT"] != nil), "\(entry)")
            }
            let signedIn = journal.entries.first { $0["SESSIOND_EVENT"] == "signed-in" }
            #expect(signedIn?["SESSIOND_PROFILE"] == "default" && signedIn?["PRIORITY"] == "6")
            let text = String(decoding: journal.bytes, as: UTF8.self)
            secrets.remove("")
            #expect(secrets.count >= 3)
            for secret in secrets { #expect(!text.contains(secret), "\(secret.prefix(6))…") }
            #expect(!isReadable(journal.errors.reading, within: .zero), "nothing is said twice")
        }

        @Test("a journal that takes nothing holds up neither answers nor the stop")
        func stalled() async throws {
            let place = try TemporaryFolder()
            let journal = try FakeJournal(path: place.path + "/journal")
            var setup = DaemonProcess.Setup()
            setup.arguments = ["--log-level", "trace"]
            journal.connect(&setup)
            // Nobody reads: the socket is full after a dozen entries, and reloads make some each.
            let daemon = try await DaemonProcess.start(setup)
            for _ in 0..<50 {
                try daemon.process.signal(SIGHUP)
                try await daemon.manager.wait(for: "READY=1")
            }
            let connection = try daemon.connect()
            #expect(try await connection.call("server.health")["live"] == true)
            let clock = ContinuousClock()
            let began = clock.now
            #expect(try await daemon.stop() == .status(0))
            #expect(clock.now - began < .seconds(10))
        }

        @Test("where the journal is out of reach, lines with their priority go to standard error")
        func unreachable() async throws {
            let place = try TemporaryFolder()
            let journal = try FakeJournal(path: place.path + "/journal")
            var setup = DaemonProcess.Setup()
            journal.connect(&setup, isReachable: false)
            let daemon = try await DaemonProcess.start(setup)
            #expect(try await daemon.stop() == .status(0))
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(journal.errors.reading, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            let lines = String(decoding: buffer[..<max(count, 0)], as: UTF8.self).split(separator: "\n")
            #expect(lines.first?.hasPrefix("<5>notice sessiond starts ") == true, "\(lines)")
            #expect(lines.last == "<5>notice stopped logger=sessiond")
        }

        @Test("the fake journal reads both forms of the native protocol, and nothing else")
        func protocolForms() throws {
            let both = Array("A=1\nB\n".utf8) + [3, 0, 0, 0, 0, 0, 0, 0] + Array("x\ny\nC=\n".utf8)
            #expect(try FakeJournal.parse(both) == ["A": "1", "B": "x\ny", "C": ""])
            for broken in ["A=1", "A=1\nA=2\n", "B\n1234567"] {
                #expect(throws: FakeJournal.Malformed.self) { try FakeJournal.parse(Array(broken.utf8)) }
            }
        }
    }
}
