import CTestProcess
import Glibc
import SessionProtocol
import Testing

extension Durability {
    @Suite("sessionctl key beside the daemon", .timeLimit(.minutes(2)))
    struct KeyRotationTests {
        private static let profiles = ["default", "p1", "p2", "p3", "p4"]

        /// A daemon whose log can be waited for, with the folders that `sessionctl key` is told of.
        private struct Site {
            let daemon: DaemonProcess
            let log: LineReader
            let folder: TemporaryFolder
            var environment = DaemonProcess.environment

            var credstore: String { folder.path + "/credstore" }
            var handedOver: String { folder.path + "/credentials" }

            init(_ change: (inout DaemonProcess.Setup, TemporaryFolder) -> Void = { _, _ in }) async throws {
                folder = try TemporaryFolder()
                for name in ["credstore", "credentials"] { try folder.makeFolder(name, mode: 0o700) }
                var ends: [Int32] = [0, 0]
                guard ctp_pipe(&ends) == 0 else { throw SystemFailure("pipe") }
                log = LineReader(ends[0])
                var setup = DaemonProcess.Setup()
                let lines = KeyRotationTests.profiles.map { "  \($0): {provider: embedded}\n" }
                setup.configuration = "profiles:\n" + lines.joined()
                setup.descriptors = [2: ends[1]]
                change(&setup, folder)
                daemon = try await DaemonProcess.prepare(setup)
                environment["SYSTEMD_CREDENTIAL_SECRET"] = folder.path + "/host.key"
            }

            func key(_ words: String..., isRefused: Bool = false) async throws -> JSONValue {
                let (status, answer) = try await administer(words)
                #expect((status == .status(0)) != isRefused, "\(words): \(answer)")
                return answer
            }

            /// Rotates the key, after the daemon where that is taking old keys out of the file; the new one's id.
            func rotate() async throws -> String {
                var (status, answer) = try await administer(["rotate"])
                while answer["error"]?["kind"] == "busy" { (status, answer) = try await administer(["rotate"]) }
                #expect(status == .status(0), "\(answer)")
                return try #require(answer["key"]?.stringValue)
            }

            private func administer(_ words: [String]) async throws -> (ChildProcess.Exit, JSONValue) {
                var command = Command()
                command.words =
                    [BuildFolder.sessionctl, "key"] + words
                    + [
                        "--json", "--config", daemon.configuration, "--state-dir", daemon.state, "--credstore",
                        credstore,
                    ]
                command.environment = environment
                let outcome = try await command.run()
                let text = outcome.output.isEmpty ? outcome.errors : outcome.output
                return (outcome.status, try JSONValue.parse(Array(text.utf8)))
            }

            /// The ids of the keys at hand and how many files each has.
            func keys() async throws -> [String: Int64] {
                let list = try await key("list")
                var keys: [String: Int64] = [:]
                for key in list["keys"]?.arrayValue ?? [] {
                    keys[key["id"]?.stringValue ?? ""] = key["files"]?.integerValue
                }
                return keys
            }

            /// Comes back when the keys and their files are these. What seals a record anew may be a heartbeat as well as
            /// the resealing, which then has nothing to tell.
            func become(_ expected: [String: Int64]) async throws {
                while try await keys() != expected { try Task.checkCancellation() }
            }

            func logs(_ text: String) async throws { _ = try await log.text(through: text) }

            func signInEverywhere() async throws {
                let connection = try daemon.connect()
                for profile in KeyRotationTests.profiles { try await connection.signIn(profile: profile) }
            }

            func expectAllSignedIn(_ comment: Comment) async throws {
                let connection = try daemon.connect()
                for profile in KeyRotationTests.profiles {
                    let state = try await connection.call("session.get", ["profile": .string(profile)])
                    #expect(["active", "unverified"].contains(state["phase"]), "\(comment): \(profile) \(state)")
                }
            }

            /// What systemd does before it starts the service.
            func handOver() async throws {
                unlink(handedOver + "/sessiond.master-key")
                var command = Command(
                    "systemd-creds", "decrypt", "--name=sessiond.master-key", credstore + "/sessiond.master-key",
                    handedOver + "/sessiond.master-key")
                command.environment = environment
                #expect(try await command.run().status == .status(0))
                chmod(handedOver + "/sessiond.master-key", 0o400)
            }
        }

        @Test("a rotation beside the running daemon: a reload seals everything anew, and the old key goes")
        func whileRunning() async throws {
            let site = try await Site()
            try await site.daemon.start()
            try await site.signInEverywhere()
            let old = try #require(await site.keys().keys.first)
            let rotated = try await site.key("rotate")
            let new = try #require(rotated["key"]?.stringValue)
            #expect(rotated["older"] == [.string(old)])
            #expect(try await site.keys() == [new: 0, old: 5])
            let early = try await site.key("rotate", "--finish", isRefused: true)
            #expect(early["error"]?["kind"] == "conflict")
            try site.daemon.process.signal(SIGHUP)
            try await site.logs("older keys that nothing needs were taken out")
            #expect(try await site.keys() == [new: 5])
            try await site.expectAllSignedIn("after the reload")
            #expect(await site.daemon.restart() == nil)
            try await site.expectAllSignedIn("after a restart")
        }

        @Test("killed at any moment of a rotation, no session is lost, and the next start ends it")
        func killed() async throws {
            let site = try await Site()
            try await site.daemon.start()
            try await site.signInEverywhere()
            var random = SplitMix(state: 0x0CE1)
            for round in 0..<12 {
                let new = try await site.rotate()
                let process = try site.daemon.process
                let delay = UInt32(random.next() % 20_000)
                process.signal(SIGHUP)
                try await blocking {
                    usleep(delay)  // clock: the moment of the kill is left to chance
                    process.signal(SIGKILL)
                }
                _ = try await process.exit()
                let between = try await site.key("list")
                #expect(between["records"]?.arrayValue?.count == 5, "round \(round): \(between)")
                try await site.daemon.start()
                try await site.expectAllSignedIn("round \(round), killed after \(delay) µs")
                #expect(between["keys"]?.arrayValue?.first?["id"]?.stringValue == new)
            }
            // Whatever the rounds have left undone, one more is done whole.
            let last = try await site.rotate()
            try site.daemon.process.signal(SIGHUP)
            try await site.become([last: 5])
            #expect(!Files.names(in: site.daemon.state + "/profiles").contains { $0.contains("corrupt") })
        }

        @Test(
            "a credential: created, rotated over a restart, and its old key taken out when nothing needs it",
            .enabled(if: Requirements.isRoot, "systemd-creds wants root"))
        func credential() async throws {
            let site = try await Site { setup, folder in
                setup.environment["CREDENTIALS_DIRECTORY"] = folder.path + "/credentials"
            }
            unlink(site.daemon.state + "/master.key")
            let created = try await site.key("create", "--credential", "--with-key=host")
            let first = try #require(created["key"]?.stringValue)
            let status = try #require(Files.status(site.credstore + "/sessiond.master-key"))
            #expect(status.st_mode & 0o7777 == 0o600)
            let again = try await site.key("create", "--credential", isRefused: true)
            #expect(again["error"]?["message"]?.stringValue?.contains("never written over") == true)
            try await site.handOver()
            try await site.daemon.start()
            try await site.signInEverywhere()
            #expect(try await site.keys() == [first: 5])

            let second = try #require(await site.key("rotate", "--with-key=host")["key"]?.stringValue)
            // A daemon that has not been restarted has the old key alone, whatever it is told by a signal.
            try site.daemon.process.signal(SIGHUP)
            try await site.logs("configuration read again")
            let waiting = try await site.key("rotate", "--finish", isRefused: true)
            #expect(waiting["error"]?["remedy"]?.stringValue?.contains("restart sessiond") == true)
            #expect(try await site.keys() == [second: 0, first: 5])

            #expect(try await site.daemon.stop() == .status(0))
            try await site.handOver()
            try await site.daemon.start()
            try await site.become([second: 5, first: 0])
            #expect(try await site.key("list")["next"]?.stringValue?.contains("--finish") == true)
            let finished = try await site.key("rotate", "--finish", "--with-key=host")
            #expect(finished["dropped"] == [.string(first)])
            #expect(try await site.keys() == [second: 5])
            #expect(try await site.daemon.stop() == .status(0))
            try await site.handOver()
            try await site.daemon.start()
            try await site.expectAllSignedIn("with the new key alone")
        }

        @Test("a lost key is named with what it locks, and put back it opens everything again")
        func lost() async throws {
            let site = try await Site()
            try await site.daemon.start()
            try await site.signInEverywhere()
            #expect(try await site.daemon.stop() == .status(0))
            let id = try #require(await site.keys().keys.first)
            rename(site.daemon.state + "/master.key", site.folder.path + "/away")
            let list = try await site.key("list", isRefused: true)
            #expect(list["keys"] == [])
            #expect(list["records"]?.arrayValue?.allSatisfy { $0["keyMissing"] == true } == true)
            #expect(list["next"]?.stringValue?.contains("put key \(id) back") == true)
            let refused = try await site.key("create", isRefused: true)
            #expect(refused["error"]?["kind"] == "keyUnavailable")
            try await site.daemon.start()
            try await site.logs("sealed records exist, and no place has a key")
            let checks = try await site.daemon.connect().call("server.health")["checks"]?.arrayValue ?? []
            #expect(!checks.contains { $0["detail"]?.stringValue?.contains("disk") == true }, "\(checks)")
            rename(site.folder.path + "/away", site.daemon.state + "/master.key")
            try site.daemon.process.signal(SIGHUP)
            try await site.logs("configuration read again")
            try await site.expectAllSignedIn("with the key again")
        }

        @Test("key create writes where the configuration says, closed to others, and a daemon takes it")
        func configured() async throws {
            let site = try await Site { setup, folder in
                setup.configuration += "key: {file: \(folder.path)/key}\n"
            }
            unlink(site.daemon.state + "/master.key")
            let path = site.folder.path + "/key"
            let id = try #require(await site.key("create")["key"]?.stringValue)
            #expect(Files.status(path)?.st_mode == S_IFREG | 0o600)
            _ = try await site.key("create", isRefused: true)
            _ = try await site.key("create", "--output", path, isRefused: true)
            try await site.daemon.start()
            try await site.signInEverywhere()
            #expect(try await site.keys() == [id: 5])
        }
    }
}
