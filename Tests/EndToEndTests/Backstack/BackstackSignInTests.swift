import FakeServices
import SessionProtocol
import Testing

extension Backstack {
    @Suite("Signing in to Backstack", .timeLimit(.minutes(1)))
    struct SignInTests {
        @Test("with one account a sign-in brings all six objects as Backstack shows them, and sends the app key once")
        func oneAccount() async throws {
            let site = try await BackstackSite()
            site.fake.setAlerts([["id": "full", "access": "*", "title": "Yard full"]])
            let daemon = try await site.daemon()
            let watcher = try daemon.connect()
            try await watcher.call("session.watch")
            let connection = try daemon.connect()
            let result = try await connection.call("session.signIn", BackstackSite.fields("kari"))
            #expect(result["outcome"] == "signedIn")
            let snapshot = try #require(result["snapshot"])
            expectSnapshotShape(snapshot, objects: BackstackSite.objects)
            #expect(snapshot["phase"] == "active" && snapshot["cause"]?["kind"] == "signedIn")
            #expect(snapshot["expiresAt"] == .null && snapshot["challenge"] == .null)
            let shown = await site.shown(site.kari, in: site.north)
            for name in ["app", "account", "user", "access", "alerts"] {
                #expect(snapshot["objects"]?[name]?["value"] == shown[name], "\(name)")
            }
            #expect(
                snapshot["objects"]?["session"]?["value"] == [
                    "demo": false, "auth": true, "provider_id": .string(BackstackSite.providerID),
                    "access_signature": shown["access_signature"] ?? .null,
                ])
            #expect(try await connection.call("user.get")["value"] == shown["user"])
            let told = try await watcher.state { $0["phase"] == "active" }
            #expect(told["objects"] == snapshot["objects"])
            await site.heartbeats(2)
            let keyed = site.fake.calls().filter { $0.headers["authorization"] == BackstackSite.appKey }
            #expect(keyed.map(\.path) == ["/app/session"])
        }

        @Test("of several accounts one is chosen over the wire: a wrong one leaves the challenge open, as does kill -9")
        func choiceOverTheWire() async throws {
            let site = try await BackstackSite()
            let (user, south) = site.addOla()
            let daemon = try await site.daemon()
            var connection = try daemon.connect()
            let begun = try await connection.call("session.signIn", BackstackSite.fields("ola"))
            #expect(begun["outcome"] == "challenge" && begun["snapshot"]?["phase"] == "challenged")
            let challenge = try #require(begun["snapshot"]?["challenge"])
            #expect(challenge["kind"] == "account" && challenge["expiresAt"] == .null)
            #expect(challenge["lastUsed"] == .null)
            #expect(
                challenge["accounts"] == [
                    ["id": .string(site.north), "title": "North Yard"], ["id": .string(south), "title": "South Yard"],
                ])
            #expect(try await connection.failure("session.token").code == 1002)
            #expect(try await connection.allowed("*", "account-users:c") == [true, false])
            func answer(_ account: String) -> JSONValue {
                ["challenge": challenge["id"] ?? .null, "accountId": .string(account)]
            }
            let wrong = try await connection.failure("session.answer", answer("acc_of_nobody"))
            #expect(wrong.code == 1007 && wrong.data["reason"] == "account_not_found")
            try await daemon.kill()
            try await daemon.start()
            connection = try daemon.connect()
            let restored = try await connection.call("session.get")
            #expect(restored["phase"] == "challenged" && restored["challenge"] == challenge)
            let done = try await connection.call("session.answer", answer(south))
            #expect(done["outcome"] == "signedIn" && done["snapshot"]?["challenge"] == .null)
            let objects = done["snapshot"]?["objects"]
            #expect(objects?["account"]?["value"]?["title"] == "South Yard")
            #expect(objects?["access"]?["value"] == ["account-users": "crud"])
            #expect(objects?["user"]?["value"]?["id"] == .string(user))
            #expect(try await connection.failure("session.answer", answer(south)).code == 1014)
        }

        @Test("sessionctl login asks a person which account by title, and takes its id from a script")
        func choiceBySessionctl() async throws {
            let site = try await BackstackSite()
            let (_, south) = site.addOla()
            let daemon = try await site.daemon()
            let program = try BackstackSite.sessionctl("login", "--username", "ola", for: daemon)
            _ = try await program.screen.text(through: "Password: ")
            program.type(BackstackSite.password)
            var screen = try await program.screen.text(through: "Account: ")
            #expect(screen.contains("1  North Yard") && screen.contains("2  South Yard"), "\(screen)")
            program.type("2")
            screen += try await program.screen.rest()
            #expect(try await program.process.exit() == .status(0), "\(screen)")
            #expect(screen.contains("Signed in as") && !screen.contains(BackstackSite.password), "\(screen)")
            let connection = try daemon.connect()
            #expect(try await connection.object("account")["value"]?["id"] == .string(south))

            let script = try await Command.sessionctl(
                "login", "--username", "ola", for: daemon, input: "\(BackstackSite.password)\n\(site.north)\n")
            #expect(script.status == .status(0), "\(script.errors)")
            #expect(try await connection.object("account")["value"]?["id"] == .string(site.north))
            let other = try await Command.sessionctl(
                "login", "--username", "ola", for: daemon, input: "\(BackstackSite.password)\nacc_of_nobody\n")
            #expect(other.status == .status(64) && other.errors.contains(south), "\(other.errors)")
            let kept = try await connection.call("session.get")
            #expect(kept["phase"] == "active" && kept["challenge"]?["lastUsed"] == .string(site.north))
        }

        @Test("a sign-in that fails, or waits for its account, leaves the session that is held untouched")
        func beside() async throws {
            let site = try await BackstackSite()
            let (user, south) = site.addOla()
            let (daemon, connection) = try await site.signedIn()
            let wrong = try await connection.failure("session.signIn", BackstackSite.fields("ola", password: "wrong"))
            #expect(wrong.code == 1007 && wrong.data["reason"] == "invalid_credentials")
            #expect(wrong.data["retryable"] == false && wrong.data["status"] == 400)
            site.fake.choices.refusesAppKey = true
            let keyless = try await connection.failure("session.signIn", BackstackSite.fields("ola"))
            #expect(keyless.code == 1013 && keyless.data["reason"] == "invalid_app_key")
            site.fake.choices.refusesAppKey = false
            let begun = try await connection.call("session.signIn", BackstackSite.fields("ola"))
            #expect(begun["outcome"] == "challenge" && begun["snapshot"]?["phase"] == "active")
            #expect(begun["snapshot"]?["objects"]?["user"]?["value"]?["id"] == .string(site.kari))
            await site.heartbeats(2)
            let later = try await connection.call("session.get")
            #expect(later["phase"] == "active" && later["challenge"] == begun["snapshot"]?["challenge"])
            let status = try await Command.sessionctl("status", for: daemon)
            #expect(status.output.contains("the choice of an account"), "\(status.output)")
            let done = try await connection.call(
                "session.answer", ["challenge": later["challenge"]?["id"] ?? .null, "accountId": .string(south)])
            #expect(done["snapshot"]?["objects"]?["user"]?["value"]?["id"] == .string(user))
        }

        @Test("sessionctl sets a new password with the token of the mail, and is signed in with it")
        func passwordReset() async throws {
            let site = try await BackstackSite()
            let daemon = try await site.daemon()
            let program = try BackstackSite.sessionctl(
                "login", "--method", "passwordReset", "--username", "kari@depot.example", for: daemon)
            var screen = try await program.screen.text(through: "Token from the link: ")
            #expect(screen.contains("k***@depot.example"), "\(screen)")
            program.type("rst_wrong")
            screen += try await program.screen.text(through: "New password: ")
            program.type("another good one")
            screen += try await program.screen.text(through: "Token from the link: ")
            #expect(screen.contains("Not accepted") && screen.contains("invalid_token"), "\(screen)")
            program.type(try #require(site.fake.resetToken(of: site.kari)))
            screen += try await program.screen.text(through: "New password: ")
            program.type("another good one")
            screen += try await program.screen.rest()
            #expect(try await program.process.exit() == .status(0), "\(screen)")
            #expect(screen.contains("Signed in as") && !screen.contains("good one"), "\(screen)")
            let connection = try daemon.connect()
            #expect(try await connection.failure("session.signIn", BackstackSite.fields("kari")).code == 1007)
        }
    }
}
