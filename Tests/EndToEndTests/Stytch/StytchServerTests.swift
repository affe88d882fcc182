import FakeServices
import Glibc
import SessionProtocol
import Testing

extension Stytch {
    @Suite("Stytch's server mode over the wire", .timeLimit(.minutes(1)))
    struct ServerTests {
        @Test("a secret in a file that appears later works without a restart, and so does its end")
        func lateSecret() async throws {
            let site = try await StytchSite()
            site.fake.addUser(email: StytchSite.email, password: StytchSite.password)
            let folder = try TemporaryFolder()
            let daemon = try await site.daemon(
                configuration: site.serverConfiguration(secret: "{file: \(folder.path)/secret}"))
            let connection = try daemon.connect()
            let refused = try await connection.failure("session.signIn", StytchSite.passwordParams)
            #expect(refused.code == 1013 && refused.data["reason"] == "secret_unavailable")
            try folder.write(site.fake.secret + "\n", to: "secret", mode: 0o600)
            #expect(
                try await connection.call("session.signIn", StytchSite.passwordParams)["outcome"] == "signedIn")
            let watcher = try daemon.connect()
            try await watcher.call("session.watch", ["topics": ["phase"]])
            unlink(folder.path + "/secret")
            let stale = try await watcher.state { $0["phase"] == "stale" }
            #expect(stale["cause"]?["kind"] == "misconfigured")
            #expect(stale["heartbeat"]?["lastError"]?["kind"] == "misconfigured")
            try folder.write(site.fake.secret, to: "secret", mode: 0o600)
            #expect(try await watcher.state { $0["phase"] == "active" }["cause"]?["kind"] == "validated")
            #expect(!daemon.log.contains(site.fake.secret))
        }

        @Test("a person's sessions are listed and ended, and no header hands out the secret")
        func sessions() async throws {
            let site = try await StytchSite()
            let user = site.fake.addUser(email: StytchSite.email, password: StytchSite.password)
            let daemon = try await site.daemon(
                configuration: site.serverConfiguration(secret: site.fake.secret, interval: "180s"))
            let connection = try daemon.connect()
            #expect(try await connection.failure("session.list").code == 1002)
            try await connection.call("session.signIn", StytchSite.passwordParams)
            let elsewhere = (0..<2).map { _ in site.fake.openSession(of: user) }
            let list = try await connection.call("session.list")
            let sessions = try #require(list["sessions"]?.arrayValue)
            #expect(sessions.count == 3 && sessions.count { $0["current"] == true } == 1)
            for session in sessions {
                #expect(
                    Set(session.objectValue?.keys.sorted() ?? []) == [
                        "id", "current", "createdAt", "userAgent", "value",
                    ])
            }
            let one = try #require(sessions.first { $0["id"] == .string(elsewhere[0].id) })
            #expect(one["userAgent"] == "elsewhere/1" && one["createdAt"] == .integer(elsewhere[0].startedAt))
            #expect(one["value"] == site.fake.object(elsewhere[0].id))

            let ended = try await connection.call("session.revoke", ["target": ["id": one["id"] ?? nil]])
            #expect(ended["confirmed"] == true && ended["snapshot"]?["phase"] == "active")
            let unknown = try await connection.failure("session.revoke", ["target": ["id": one["id"] ?? nil]])
            #expect(unknown.code == 1007 && unknown.data["reason"] == "session_not_found")
            #expect(unknown.data["status"] == 404)
            site.fake.script(.error("a_type_of_next_month", status: 402), on: "sessions/revoke")
            #expect(try await connection.failure("session.revoke", ["target": "all"]).code == 1006)
            #expect(try await connection.call("session.get")["phase"] == "active")
            try await connection.call("session.revoke", ["target": "others"])
            #expect(site.fake.sessions.count == 1)
            let headers = try await connection.failure("session.headers")
            #expect(headers.code == 1012 && headers.data["method"] == "session.headers")
            #expect(try await connection.call("session.token")["tokens"]?["sessionToken"] != nil)
            try await connection.call("session.revoke", ["target": "all"])
            #expect(site.fake.sessions.isEmpty)
        }

        @Test("a step-up that needs to know who it is wants a session")
        func stepUp() async throws {
            let site = try await StytchSite()
            let daemon = try await site.daemon(
                configuration: site.serverConfiguration(secret: site.fake.secret, interval: "180s"))
            let connection = try daemon.connect()
            let refused = try await connection.failure("session.signIn", ["method": "totp", "code": "000000"])
            #expect(refused.code == 1002 && refused.data["phase"] == "signedOut")
        }
    }
}
