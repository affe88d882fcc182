import FakeServices
import SessionProtocol
import Testing

extension Backstack {
    @Suite("Backstack's accounts", .timeLimit(.minutes(1)))
    struct AccountTests {
        /// Ola, signed in to the North Yard.
        private static func signedIn(
            _ site: BackstackSite
        ) async throws -> (daemon: DaemonProcess, connection: WireConnection, south: String) {
            let (_, south) = site.addOla()
            let daemon = try await site.daemon()
            let login = try await Command.sessionctl(
                "login", "--username", "ola", for: daemon, input: "\(BackstackSite.password)\n\(site.north)\n")
            try #require(login.status == .status(0), "\(login.errors)")
            return (daemon, try daemon.connect(), south)
        }

        @Test("account.list names them all and the one in use, whatever form Backstack gives it")
        func list() async throws {
            let site = try await BackstackSite()
            let (daemon, connection, south) = try await Self.signedIn(site)
            for form in [FakeBackstackChoices.Accounts.map, .array, .pairs] {
                site.fake.choices.changeAccounts = form
                let list = try await connection.call("account.list")
                #expect(list["current"] == .string(site.north), "\(form)")
                #expect(
                    list["accounts"] == [
                        ["id": .string(site.north), "title": "North Yard"],
                        ["id": .string(south), "title": "South Yard"],
                    ], "\(form)")
            }
            #expect(try daemon.process.isRunning)
        }

        @Test("account.switch swaps every object and the jwt together; an unknown account changes nothing")
        func change() async throws {
            let site = try await BackstackSite()
            let (daemon, connection, south) = try await Self.signedIn(site)
            let watcher = try daemon.connect()
            try await watcher.call("session.watch", ["topics": ["account"]])
            let before = try await connection.jwt()
            let wrong = try await connection.failure("account.switch", ["accountId": "acc_of_nobody"])
            #expect(wrong.code == 1007 && wrong.data["reason"] == "account_not_found")
            #expect(try await connection.object("account")["value"]?["id"] == .string(site.north))
            let switched = try await connection.call("account.switch", ["accountId": .string(south)])
            #expect(switched["phase"] == "active" && switched["cause"]?["kind"] == "accountSwitched")
            let told = try await watcher.state { $0["objects"]?["account"]?["value"]?["id"] == .string(south) }
            #expect(told["objects"] == switched["objects"], "no state between")
            #expect(switched["objects"]?["access"]?["value"] == ["account-users": "crud"])
            #expect(try await connection.jwt() != before)
            #expect(try await connection.call("account.list")["current"] == .string(south))
            try await daemon.kill()
            try await daemon.start()
            let later = try daemon.connect()
            _ = try await later.call("session.wait", ["until": ["active"], "timeoutMs": 10_000])
            #expect(try await later.object("account")["value"]?["id"] == .string(south))
        }

        @Test("sessionctl switch-account takes an id, asks without one, and says what it does not know")
        func commands() async throws {
            let site = try await BackstackSite()
            let (daemon, connection, south) = try await Self.signedIn(site)
            let given = try await Command.sessionctl("switch-account", south, for: daemon)
            #expect(given.status == .status(0), "\(given.errors)")
            #expect(try await connection.object("account")["value"]?["id"] == .string(south))
            let program = try BackstackSite.sessionctl("switch-account", for: daemon)
            var screen = try await program.screen.text(through: "Account: ")
            #expect(screen.contains("1  North Yard") && screen.contains("2  South Yard"), "\(screen)")
            program.type("1")
            screen += try await program.screen.rest()
            #expect(try await program.process.exit() == .status(0), "\(screen)")
            #expect(try await connection.object("account")["value"]?["id"] == .string(site.north))
            let wrong = try await Command.sessionctl("switch-account", "acc_of_nobody", for: daemon)
            #expect(wrong.status == .status(1) && wrong.errors.contains("account_not_found"), "\(wrong.errors)")
        }
    }
}
