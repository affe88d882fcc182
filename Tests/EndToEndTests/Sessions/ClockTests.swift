import Glibc
import SessionProtocol
import Testing

extension Sessions {
    /// The machine's own clock is never set: libfaketime stands in for a wall clock that was, and a time namespace for
    /// a boot clock that went on while the machine slept.
    @Suite("The real daemon and its clocks", .timeLimit(.minutes(1)), .needsFakeClocks)
    struct ClockTests {
        struct Case: Sendable, CustomTestStringConvertible {
            var testDescription: String
            /// What becomes of the clocks while no daemon runs, for a session that ends in an hour.
            var boot = 0
            var wall = "+0"
            var isOver: Bool
        }

        private struct Site {
            let folder: TemporaryFolder
            let daemon: DaemonProcess

            init() async throws {
                folder = try TemporaryFolder()
                var setup = DaemonProcess.Setup()
                setup.wrapper = ["/bin/sh", folder.path + "/clocks"]
                setup.environment = [
                    "FAKETIME_TIMESTAMP_FILE": folder.path + "/wall", "FAKETIME_NO_CACHE": "1",
                    "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1",
                ]
                daemon = try await DaemonProcess.prepare(setup)
                try set(Case(testDescription: "", isOver: false))
            }

            func set(_ clocks: Case) throws {
                try setWall(clocks.wall)
                // The second env is what the library first comes into. It changes the environment there, and where it
                // does that in a program of Swift's, the program no longer finds its arguments.
                let script = """
                    exec unshare --time --boottime \(clocks.boot) \
                    env LD_PRELOAD=\(Requirements.libfaketime ?? "") env "$@"
                    """
                try folder.write(script, to: "clocks")
            }

            func setWall(_ offset: String) throws {
                try folder.write(offset + "\n", to: "wall.new")
                rename(folder.path + "/wall.new", folder.path + "/wall")
            }
        }

        @Test(
            "what ended while no daemon ran has ended at once, and setting the clock back revives nothing",
            arguments: [
                Case(testDescription: "nothing", isOver: false),
                Case(testDescription: "the machine slept for two hours", boot: 7200, wall: "+2h", isOver: true),
                Case(testDescription: "it slept, and its wall clock stood still", boot: 7200, isOver: true),
                Case(testDescription: "it slept, and its clock was set back", boot: 7200, wall: "-1d", isOver: true),
                Case(testDescription: "the clock was set forward", wall: "+2h", isOver: true),
                Case(testDescription: "the clock was set back", wall: "-1d", isOver: false),
                Case(testDescription: "it slept for half an hour", boot: 1800, wall: "+30m", isOver: false),
            ])
        func whileDown(_ this: Case) async throws {
            let site = try await Site()
            try await site.daemon.start()
            let signedIn = try await site.daemon.connect().signIn(minutes: 60)
            #expect(try await site.daemon.stop() == .status(0))
            try site.set(this)
            try await site.daemon.start()
            let connection = try site.daemon.connect()
            let found = try await connection.call("session.get")
            if this.isOver {
                #expect(found["phase"] == "signedOut" && found["cause"]?["kind"] == "expired", "\(found)")
                #expect(try await connection.failure("session.token").kind == "notSignedIn")
            } else {
                #expect(["unverified", "active"].contains(found["phase"]), "\(found)")
                #expect(found["expiresAt"] == signedIn["expiresAt"])
            }
            // Neither does the right time, afterwards.
            #expect(try await site.daemon.stop() == .status(0))
            try site.set(Case(testDescription: "", isOver: false))
            try await site.daemon.start()
            let after = try await site.daemon.connect().call("session.get")
            #expect((after["phase"] == "signedOut") == this.isOver, "\(after)")
        }

        @Test("set forward while it runs, the clock ends a session at the very next question; set back, it stays ended")
        func whileRunning() async throws {
            let site = try await Site()
            try await site.daemon.start()
            let connection = try site.daemon.connect()
            try await connection.signIn(minutes: 60)
            try await connection.call("session.token")
            try site.setWall("+2h")
            #expect(try await connection.failure("session.token").kind == "notSignedIn")
            #expect(try await connection.call("session.get")["cause"]?["kind"] == "expired")
            try site.setWall("-1d")
            #expect(try await connection.call("session.get")["phase"] == "signedOut")
            #expect(try await connection.failure("session.token").kind == "notSignedIn")
        }
    }
}
