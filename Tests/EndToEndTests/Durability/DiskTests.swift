import Glibc
import SessionProtocol
import Testing

extension Durability {
    @Suite("A disk that is full or read-only", .timeLimit(.minutes(1)), .needsMounts)
    struct DiskTests {
        /// A daemon whose state directory is a small file system that only its own mount namespace has.
        private static func start() async throws -> DaemonProcess {
            var setup = DaemonProcess.Setup()
            let script = """
                state=$0; shift; for word; do case $previous in --state-dir) state=$word;; esac; previous=$word; done
                keep=$(mktemp -d) && cp -a "$state/." "$keep/" && mount -t tmpfs -o size=2m,mode=0700 none "$state" &&
                cp -a "$keep/." "$state/" && rm -r "$keep" && exec "$@"
                """
            setup.wrapper = ["unshare", "-m", "sh", "-c", script, "sh"]
            // The first of these words is lost to `shift`.
            setup.wrapper.append("-")
            return try await DaemonProcess.start(setup)
        }

        private static func inside(_ daemon: DaemonProcess) throws -> String {
            "/proc/\(try daemon.process.pid)/root\(daemon.state)"
        }

        @Test("full: storeFailed, the old state intact, and all is well once there is room")
        func full() async throws {
            let daemon = try await Self.start()
            let connection = try daemon.connect()
            let before = try await connection.signIn()
            let inside = try Self.inside(daemon)
            let sealed = try Files.read(inside + "/profiles/default.sealed")
            let filler = inside + "/filler"
            #expect(throws: SystemFailure.self) { try Files.write(Array(repeating: 1, count: 4 << 20), to: filler) }
            let failure = try await connection.failure("user.update", ["user": ["n": 1]])
            #expect(failure.kind == "storeFailed")
            let signOut = try await connection.failure("session.revoke")
            #expect(["storeFailed", "upstreamUnavailable"].contains(signOut.kind))
            #expect(try await connection.call("session.get")["objects"]?["user"] == before["objects"]?["user"])
            #expect(try Files.read(inside + "/profiles/default.sealed") == sealed)
            unlink(filler)
            let updated = try await connection.call("user.update", ["user": ["n": 2]])
            #expect(updated["objects"]?["user"]?["value"] == ["n": 2])
            #expect(try await connection.call("session.revoke")["snapshot"]?["phase"] == "signedOut")
        }

        @Test("read-only: storeFailed, the old state intact, and all is well once it can be written")
        func readOnly() async throws {
            let daemon = try await Self.start()
            let connection = try daemon.connect()
            let before = try await connection.signIn()
            let pid = try daemon.process.pid
            let profiles = daemon.state + "/profiles"
            func mount(_ words: String...) async throws {
                var command = Command()
                command.words = ["nsenter", "-t", "\(pid)", "-m"] + words
                let outcome = try await command.run()
                #expect(outcome.status == .status(0), "\(outcome.errors)")
            }
            try await mount("mount", "--bind", profiles, profiles)
            try await mount("mount", "-o", "remount,ro,bind", profiles)
            #expect(try await connection.failure("user.update", ["user": ["n": 1]]).kind == "storeFailed")
            #expect(try await connection.call("session.get")["objects"]?["user"] == before["objects"]?["user"])
            #expect(try await connection.call("server.health")["status"] == "degraded")
            try await mount("umount", profiles)
            try await connection.call("user.update", ["user": ["n": 2]])
            #expect(try await connection.call("server.health")["status"] == "ok")
        }
    }
}
