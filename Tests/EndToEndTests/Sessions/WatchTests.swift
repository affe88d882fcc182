import SessionProtocol
import Testing

extension Sessions {
    @Suite("Watching and waiting", .timeLimit(.minutes(1)))
    struct WatchTests {
        @Test("a watcher that knows the newest revision is told no state, one that does not is")
        func since() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            let snapshot = try await connection.signIn()
            let now: JSONValue = ["instance": snapshot["instance"] ?? .null, "revision": snapshot["revision"] ?? .null]
            let resumed = try await connection.call("session.watch", ["since": now])
            #expect(resumed["resumed"] == true && resumed["state"] == nil)
            let elsewhere = try await connection.call(
                "session.watch", ["since": ["instance": "another", "revision": snapshot["revision"] ?? .null]])
            #expect(elsewhere["resumed"] == false && elsewhere["state"]?["phase"] == "active")
        }

        @Test("no change falls between the snapshot and the first notification")
        func gapless() async throws {
            let daemon = try await DaemonProcess.start()
            let changer = try daemon.connect()
            try await changer.signIn()
            async let changes = Self.count(to: 40, on: changer)
            for _ in 0..<8 {
                let watcher = try daemon.connect()
                var state = try #require(try await watcher.call("session.watch", ["topics": ["user"]])["state"])
                while state["objects"]?["user"]?["value"]?["n"] != 39 {
                    let next = try await watcher.state { _ in true }
                    #expect((next["revision"]?.integerValue ?? 0) > (state["revision"]?.integerValue ?? .max))
                    state = next
                }
            }
            try await changes
        }

        private static func count(to end: Int64, on connection: WireConnection) async throws {
            for number in 0..<end { try await connection.call("user.update", ["user": ["n": .integer(number)]]) }
        }

        @Test("topics limit what is told; bookkeeping is told only to those who ask for it")
        func topics() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            try await connection.signIn()
            let access = try daemon.connect()
            let heartbeat = try daemon.connect()
            try await access.call("session.watch", ["topics": ["access"]])
            try await heartbeat.call("session.watch", ["topics": ["heartbeat"]])
            try await connection.call("session.authenticate")
            #expect(try await heartbeat.notification()["params"]?["state"]?["heartbeat"]?["failures"] == 0)
            try await connection.call("user.update", ["user": ["n": 1]])
            try await connection.call("session.invalidate")
            let told = try await access.notification()
            #expect(told["params"]?["state"]?["phase"] == "signedOut", "nothing before the end of the access")
        }

        @Test("all:true tells of every profile, and profiles that a reload brings")
        func all() async throws {
            let daemon = try await DaemonProcess.start(
                configuration: "profiles: {a: {provider: embedded}, b: {provider: embedded}}\ndefaultProfile: a\n")
            let watcher = try daemon.connect()
            let states = try await watcher.call("session.watch", ["all": true])["state"]?.arrayValue
            #expect(states?.map { $0["profile"] } == ["a", "b"])
            let connection = try daemon.connect()
            try await connection.signIn(profile: "b")
            #expect(try await watcher.state { $0["phase"] == "active" }["profile"] == "b")
            try daemon.folder.write("provider: embedded\n", to: "etc/profiles.d/c.yaml")
            try daemon.process.signal(1)
            #expect(try await watcher.state { $0["profile"] == "c" }["phase"] == "signedOut")
        }

        @Test("unwatch ends a subscription, and a connection has eight")
        func limits() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            var subscription = JSONValue.null
            for _ in 0..<8 { subscription = try await connection.call("session.watch")["subscription"] ?? .null }
            let ninth = try await connection.failure("session.watch")
            #expect(ninth.code == 1005)
            #expect(ninth.kind == "tooManySubscriptions")
            #expect(ninth.data["limit"] == 8)
            #expect(try await connection.call("session.unwatch", ["subscription": subscription]) == [:])
            try await connection.call("session.watch")
        }

        @Test("a reader that stops reading ends on the newest state and delays nobody")
        func slowReader() async throws {
            let daemon = try await DaemonProcess.start()
            let slow = try daemon.connect()
            try await slow.call("session.watch")
            let connection = try daemon.connect()
            try await connection.signIn()
            // Far more than a socket's buffer holds.
            let text = String(repeating: "x", count: 30_000)
            for number in 0..<60 {
                try await connection.call(
                    "user.update", ["user": ["n": .integer(Int64(number)), "text": .string(text)]])
            }
            let newest = try await slow.state { $0["objects"]?["user"]?["value"]?["n"] == 59 }
            #expect(newest["revision"] == (try await connection.call("session.get"))["revision"])
        }
    }
}
