import FakeServices
import SessionProtocol
import Testing

extension Backstack {
    @Suite("Backstack's locked screen", .timeLimit(.minutes(1)))
    struct LockTests {
        @Test("sessionctl locks: access is empty but for *; a wrong password unlocks nothing, the right one all")
        func commands() async throws {
            let site = try await BackstackSite()
            site.fake.setAlerts([
                ["id": "all", "access": "*", "priority": 2], ["id": "pay", "access": "account-payment-methods:u"],
            ])
            let (daemon, connection) = try await site.signedIn()
            let watcher = try daemon.connect()
            try await watcher.call("session.watch", ["topics": ["phase"]])
            #expect(try await Command.sessionctl("access", "check", "account-users:c", for: daemon).output == "yes\n")
            let locking = try await Command.sessionctl("lock", for: daemon)
            #expect(locking.status == .status(0) && locking.output.contains("locked"), "\(locking)")
            let locked = try await watcher.state { $0["phase"] == "locked" }
            #expect(locked["cause"]?["kind"] == "locked")
            #expect(locked["objects"]?["access"] == ["state": "unavailable", "reason": "locked"])
            #expect(locked["objects"]?["user"]?["value"]?["screen_locked"] == true)
            #expect(try await connection.allowed("*", "account-users:c", "reports") == [true, false, false])
            #expect(
                try await Command.sessionctl("access", "check", "account-users:c", for: daemon).status == .status(1))
            #expect(try await Command.sessionctl("access", "check", "*", for: daemon).status == .status(0))
            let alerts = try await connection.call("alerts.list")["alerts"]?.arrayValue
            #expect(alerts?.map { $0["id"] } == ["all"])
            #expect(try await connection.call("session.token")["tokens"]?["sessionToken"] != nil)
            #expect(try await Command.sessionctl("status", "--check", for: daemon).status == .status(0))
            await site.heartbeats(2)

            let wrong = try await Command.sessionctl("unlock", for: daemon, input: "canary-mistyped\n")
            #expect(wrong.status == .status(1) && wrong.errors.contains("check the user name and the password"))
            let refused = try await connection.failure("session.unlock", ["password": "canary-mistyped"])
            #expect(refused.code == 1007 && refused.data["reason"] == "invalid_credentials")
            #expect(try await connection.call("session.get")["phase"] == "locked")

            let program = try BackstackSite.sessionctl("unlock", for: daemon)
            _ = try await program.screen.text(through: "Password: ")
            program.type(BackstackSite.password)
            let screen = try await program.screen.rest()
            #expect(try await program.process.exit() == .status(0), "\(screen)")
            #expect(!screen.contains(BackstackSite.password))
            let active = try await watcher.state { $0["phase"] == "active" }
            #expect(active["cause"]?["kind"] == "unlocked")
            #expect(active["objects"]?["access"]?["value"]?["account-users"] == "cr")
            #expect(try await connection.allowed("account-users:c", "reports") == [true, true])
        }

        @Test("a screen locked elsewhere is found by the heartbeat, and unlocked elsewhere too")
        func elsewhere() async throws {
            let site = try await BackstackSite()
            let (daemon, _) = try await site.signedIn()
            let watcher = try daemon.connect()
            try await watcher.call("session.watch", ["topics": ["phase"]])
            site.fake.setLocked(true, of: site.kari)
            let locked = try await watcher.state { $0["phase"] == "locked" }
            #expect(locked["cause"]?["kind"] == "locked")
            site.fake.setLocked(false, of: site.kari)
            let active = try await watcher.state { $0["phase"] == "active" }
            #expect(active["cause"]?["kind"] == "unlocked")
        }

        @Test("a locked screen grants nothing after kill -9 either, whether Backstack can be reached or not")
        func restored() async throws {
            let site = try await BackstackSite()
            let (daemon, connection) = try await site.signedIn(interval: "180s")
            #expect(try await connection.call("session.lock")["phase"] == "locked")
            await site.pull()
            try await daemon.kill()
            try await daemon.start()
            let later = try daemon.connect()
            #expect(try await later.allowed("*", "account-users:c", "reports") == [true, false, false])
            try await site.putBack()
            _ = try await later.call("session.wait", ["until": ["locked"], "timeoutMs": 20_000])
            #expect(try await later.allowed("*", "account-users:c", "reports") == [true, false, false])
        }

        @Test("locking and unlocking want a session")
        func signedOut() async throws {
            let site = try await BackstackSite()
            let daemon = try await site.daemon()
            let connection = try daemon.connect()
            for (method, params) in [
                ("session.lock", [:]), ("session.unlock", ["password": "x"]), ("account.list", [:]),
                ("account.switch", ["accountId": "acc_1"]), ("session.headers", [:]), ("session.authenticate", [:]),
            ] as [(String, JSONValue)] {
                let failure = try await connection.failure(method, params)
                #expect(failure.code == 1002 && failure.data["phase"] == "signedOut", "\(method): \(failure)")
            }
            #expect(try await Command.sessionctl("lock", for: daemon).status == .status(3))
            #expect(site.fake.calls().isEmpty, "nobody was asked")
        }
    }
}
