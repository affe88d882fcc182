import FakeServices
import SessionProtocol
import Testing

extension Backstack {
    @Suite("Challenges that stay open", .timeLimit(.minutes(1)))
    struct OpenChallengeTests {
        private static func site() async throws -> BackstackSite {
            var choices = FakeBackstackChoices()
            choices.generation = .enveloped("data")
            choices.oldJWT = .refused
            return try await BackstackSite(choices)
        }

        @Test("a refused account leaves the challenge open where the refusal brings a new jwt")
        func account() async throws {
            let site = try await Self.site()
            _ = site.addOla()
            let daemon = try await site.daemon()
            let connection = try daemon.connect()
            let begun = try await connection.call("session.signIn", BackstackSite.fields("ola"))
            let challenge = begun["snapshot"]?["challenge"]?["id"] ?? .null
            let wrong = try await connection.failure(
                "session.answer", ["challenge": challenge, "accountId": "acc_of_nobody"])
            #expect(wrong.data["reason"] == "account_not_found")
            let done = try await connection.reply(
                "session.answer", ["challenge": challenge, "accountId": .string(site.north)])
            #expect(done["result"]?["outcome"] == "signedIn", "\(done)")
        }

        @Test("a wrong reset token leaves the challenge open where the refusal brings a new jwt")
        func reset() async throws {
            let site = try await Self.site()
            let daemon = try await site.daemon()
            let connection = try daemon.connect()
            let begun = try await connection.call(
                "session.signIn", ["method": "passwordReset", "email": "kari@depot.example"])
            let challenge = begun["snapshot"]?["challenge"]?["id"] ?? .null
            let wrong = try await connection.failure(
                "session.answer", ["challenge": challenge, "token": "wrong", "password": "another good one"])
            #expect(wrong.data["reason"] == "invalid_token", "\(wrong)")
            let token = try #require(site.fake.resetToken(of: site.kari))
            let done = try await connection.reply(
                "session.answer",
                ["challenge": challenge, "token": .string(token), "password": "another good one"])
            #expect(done["result"]?["outcome"] == "signedIn", "\(done)")
        }

        @Test("--continue of a reset whose password is set asks for the password only")
        func continued() async throws {
            let site = try await BackstackSite()
            let daemon = try await site.daemon()
            let connection = try daemon.connect()
            let begun = try await connection.call(
                "session.signIn", ["method": "passwordReset", "email": "kari@depot.example"])
            let token = try #require(site.fake.resetToken(of: site.kari))
            site.fake.script(.html(status: 502), on: "POST /app/login")
            let open = try await connection.reply(
                "session.answer",
                [
                    "challenge": begun["snapshot"]?["challenge"]?["id"] ?? .null, "token": .string(token),
                    "password": "another good one",
                ])
            #expect(open["result"]?["snapshot"]?["challenge"]?["passwordChanged"] == true, "\(open)")
            let next = try await Command.sessionctl("login", "--continue", for: daemon, input: "another good one\n")
            #expect(next.status == .status(0), "\(next.errors)")
        }
    }
}
