import CTestProcess
import Glibc
import SessionProtocol
import Testing

extension Durability {
    /// The service manager keeps an image of the state, and hands it to the next process.
    @Suite("What outlives the process without the disk", .timeLimit(.minutes(1)))
    struct ImageTests {
        /// A daemon that is handed what it has had kept, and whose clients connect to a socket that is never closed.
        private static func start(errors: Int32? = nil) async throws -> (daemon: DaemonProcess, place: Place) {
            let place = try Place()
            var setup = DaemonProcess.Setup()
            setup.descriptors = [3: place.descriptor]
            setup.descriptors[2] = errors
            setup.handsBack = true
            return (try await DaemonProcess.start(setup), place)
        }

        /// A listening socket as a socket unit has it.
        private final class Place: Sendable {
            let folder: TemporaryFolder
            let path: String
            let descriptor: Int32

            init() throws {
                folder = try TemporaryFolder()
                let path = folder.path + "/sessiond.sock"
                self.path = path
                descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
                guard descriptor >= 0, UnixAddress.with(path, { bind(descriptor, $0, $1) }) == 0,
                    listen(descriptor, 16) == 0
                else { throw SystemFailure("listen") }
            }

            deinit { close(descriptor) }

            func connect() throws -> WireConnection { try WireConnection(path: path) }
        }

        private static func record(_ daemon: DaemonProcess) -> String { daemon.state + "/profiles/default.sealed" }

        /// The record stays, and no daemon can read it: links are not followed.
        private static func hideRecord(of daemon: DaemonProcess) throws {
            guard rename(record(daemon), record(daemon) + "~") == 0, symlink("default.sealed~", record(daemon)) == 0
            else { throw SystemFailure("rename") }
        }

        private static func unhideRecord(of daemon: DaemonProcess) throws {
            guard rename(record(daemon) + "~", record(daemon)) == 0 else { throw SystemFailure("rename") }
        }

        private static func copyState(of daemon: DaemonProcess, to other: DaemonProcess) throws {
            mkdir(other.state + "/profiles", 0o700)
            for (name, bytes) in try Files.all(in: daemon.state) where name != "lock" {
                try Files.write(bytes, to: other.state + "/" + name, mode: 0o600)
            }
        }

        @Test(
            "killed, and its record unreadable: the session is served, health says so, and all is well once it can be read"
        )
        func unreadable() async throws {
            let (daemon, place) = try await Self.start()
            let before = try await place.connect().signIn()
            let token = try await place.connect().call("session.token")["tokens"]
            try await daemon.kill()
            try Self.hideRecord(of: daemon)
            try await daemon.start()
            let connection = try place.connect()
            let state = try await connection.call("session.wait", ["until": ["active"]])
            #expect(state["objects"]?["session"]?["value"]?["id"] == before["objects"]?["session"]?["value"]?["id"])
            #expect(state["instance"] != before["instance"])
            #expect(try await connection.call("session.token")["tokens"]?["sessionToken"] == token?["sessionToken"])
            #expect(try await connection.call("server.health")["status"] == "degraded")
            #expect(try await connection.failure("user.update", ["user": ["n": 1]]).kind == "storeFailed")
            #expect(daemon.log.contains("the store cannot be read"))
            try Self.unhideRecord(of: daemon)
            try daemon.process.signal(SIGHUP)
            try await daemon.manager.wait(for: "READY=1")
            let after = try await connection.signIn()
            #expect(try await connection.call("server.health")["status"] == "ok")
            // The disk has it all, without what is kept.
            #expect(try await daemon.stop() == .status(0))
            var plain = DaemonProcess.Setup()
            plain.isSeeded = false
            let bare = try await DaemonProcess.prepare(plain)
            try Self.copyState(of: daemon, to: bare)
            try await bare.start()
            let stored = try await bare.connect().call("session.get")
            #expect(stored["objects"]?["session"]?["value"]?["id"] == after["objects"]?["session"]?["value"]?["id"])
        }

        @Test("a client is answered while the disk has not yet given the record", .needsStrace)
        func beforeTheDisk() async throws {
            let (daemon, place) = try await Self.start()
            let before = try await place.connect().signIn()
            try await daemon.kill()
            var setup = daemon.setup
            setup.isSeeded = false
            // The daemon itself, traced from the side, and four seconds for every opening of the record.
            setup.wrapper = [
                "strace", "-D", "-f", "-o", "/dev/null", "-P", "default.sealed", "-e", "trace=openat", "-e",
                "inject=openat:delay_enter=4000000",
            ]
            let slow = try await DaemonProcess.prepare(setup)
            try Self.copyState(of: daemon, to: slow)
            for one in daemon.manager.kept { slow.manager.keep(dup(one.descriptor), as: one.name) }
            let process = try slow.spawn()
            let connection = try place.connect()
            let state = try await connection.call("session.get")
            #expect(state["objects"] == before["objects"] && state["phase"] == "unverified")
            #expect(try await connection.call("server.health")["ready"] == true)
            #expect(!slow.manager.hasHeard("READY=1"))
            try await slow.manager.wait(for: "READY=1", unless: process)
            #expect(
                try await connection.call("session.wait", ["until": ["active"]])["objects"]?["user"]?["value"]
                    == before["objects"]?["user"]?["value"])
        }

        @Test("what only memory had on a full disk is there after a kill", .needsStrace)
        func fullDisk() async throws {
            let (daemon, place) = try await Self.start()
            let connection = try place.connect()
            let before = try await connection.signIn(minutes: 60)
            let saboteur = try await Saboteur(daemon, "renameat,renameat2,rename:error=ENOSPC")
            let failure = try await connection.failure("session.authenticate", ["sessionDurationMinutes": 600])
            #expect(failure.kind == "storeFailed")
            let extended = try await connection.call("session.get")["expiresAt"]
            #expect(extended != before["expiresAt"])
            try await daemon.kill()
            try await saboteur.stop()
            try await daemon.start()
            let state = try await place.connect().call("session.get")
            #expect(state["expiresAt"] == extended)
            #expect(try await daemon.stop() == .status(0))
        }

        @Test("signed out and killed, and the record unreadable: still signed out")
        func signedOut() async throws {
            let (daemon, place) = try await Self.start()
            let connection = try place.connect()
            try await connection.signIn()
            try await connection.call("session.revoke")
            try await daemon.kill()
            try Self.hideRecord(of: daemon)
            try await daemon.start()
            #expect(try await place.connect().call("session.get")["phase"] == "signedOut")
        }

        @Test("one image is kept, sealed for good; it takes the last one's place before that goes, and shows nothing")
        func kept() async throws {
            let (daemon, place) = try await Self.start()
            let connection = try place.connect()
            try await connection.signIn()
            for number in 0..<4 as Range<Int64> {
                try await connection.call("user.update", ["user": ["n": .integer(number)]])
            }
            let one = try #require(daemon.manager.kept.first)
            #expect(daemon.manager.kept.count == 1)
            #expect(ctp_seals(one.descriptor) & ctp_all_seals == ctp_all_seals)
            let history = daemon.manager.history
            #expect(Array(history.prefix(3)) == ["+state-a", "+state-b", "-state-a"])
            #expect(!zip(history, history.dropFirst()).contains { $0.hasPrefix("-") && $1.hasPrefix("-") })
            var secrets = ["default", "embedded", "ada", "Lovelace"]
            for token in try await connection.call("session.token")["tokens"]?.objectValue ?? [:] {
                secrets.append(try #require(token.value.stringValue))
            }
            #expect(secrets.count > 4)
            let text = String(decoding: try Files.read("/proc/self/fd/\(one.descriptor)"), as: UTF8.self)
            #expect(text.utf8.count > 100)
            for secret in secrets { #expect(!text.contains(secret), "\(secret.prefix(6))…") }
            let descriptors = Files.names(in: "/proc/\(try daemon.process.pid)/fd").count
            for number in 5..<30 as Range<Int64> {
                try await connection.call("user.update", ["user": ["n": .integer(number)]])
            }
            #expect(Files.names(in: "/proc/\(try daemon.process.pid)/fd").count <= descriptors + 1)
        }

        @Test("what is no image is let go of with a word, and the daemon starts as without")
        func strangers() async throws {
            let (daemon, place) = try await Self.start()
            let before = try await place.connect().signIn()
            try await daemon.kill()
            let image = try #require(daemon.manager.kept.first)
            let bytes = try Files.read("/proc/self/fd/\(image.descriptor)")
            var flipped = bytes
            flipped[3] ^= 1
            let free = ["state-a", "state-b", "state-c"].filter { $0 != image.name }
            daemon.manager.keep(ctp_memory(bytes, bytes.count, 0), as: "stranger")
            daemon.manager.keep(ctp_memory(bytes, bytes.count, ctp_all_seals - 8), as: free[0])
            daemon.manager.keep(ctp_memory(flipped, flipped.count, ctp_all_seals), as: free[1])
            try await daemon.start()
            let state = try await place.connect().call("session.get")
            // When it was last validated may be newer: the daemon asks as soon as it has started.
            #expect(state["objects"]?["user"]?["value"] == before["objects"]?["user"]?["value"])
            #expect(daemon.manager.kept.count == 1)
            for (name, why) in [
                ("stranger", "its name is none of this daemon's"), (free[0], "it is no sealed memory"),
                (free[1], "it is no image, or a damaged one"),
            ] {
                #expect(daemon.log.contains("kept as \(name) is dropped: \(why)"), "\(name)")
            }
        }

        @Test("after a rotation of the key a kill needs the new key alone")
        func rotated() async throws {
            var ends: [Int32] = [0, 0]
            guard ctp_pipe(&ends) == 0 else { throw SystemFailure("pipe") }
            let log = LineReader(ends[0])
            let (daemon, place) = try await Self.start(errors: ends[1])
            try await place.connect().signIn()
            var command = Command()
            command.words = [
                BuildFolder.sessionctl, "key", "rotate", "--config", daemon.configuration, "--state-dir", daemon.state,
            ]
            #expect(try await command.run().status == .status(0))
            try daemon.process.signal(SIGHUP)
            _ = try await log.text(through: "older keys that nothing needs were taken out")
            try await daemon.kill()
            try Self.hideRecord(of: daemon)
            try await daemon.start()
            #expect(["active", "unverified"].contains(try await place.connect().call("session.get")["phase"]))
        }
    }
}
