import FakeServices
import SessionProtocol
import Testing

extension Stytch {
    @Suite("What outlives kill -9 with Stytch", .timeLimit(.minutes(2)))
    struct DurabilityTests {
        @Test("a session is served at once after kill -9, then confirmed, with the network pulled or not")
        func session() async throws {
            let site = try await StytchSite()
            site.fake.addUser(email: StytchSite.email, password: StytchSite.password)
            let daemon = try await site.daemon()
            let before = try await daemon.connect().call("session.signIn", StytchSite.passwordParams)["snapshot"]
            await site.pull()
            try await daemon.kill()
            try await daemon.start()
            let connection = try daemon.connect()
            let restored = try await connection.call("session.get")
            #expect(restored["phase"] == "unverified" && restored["cause"]?["kind"] == "restored")
            #expect(restored["objects"]?["user"]?["value"] == before?["objects"]?["user"]?["value"])
            #expect(restored["expiresAt"] == before?["expiresAt"])
            #expect(try await connection.call("session.token")["stale"] == true)
            try await site.putBack()
            let confirmed = try await connection.call("session.wait", ["until": ["active"]])
            #expect(confirmed["instance"] == restored["instance"])
        }

        @Test("a forced sign-out with the network pulled stays in force, and Stytch is told when it is back")
        func forcedRevocation() async throws {
            let site = try await StytchSite()
            site.fake.addUser(email: StytchSite.email, password: StytchSite.password)
            let daemon = try await site.daemon()
            let connection = try daemon.connect()
            try await connection.call("session.signIn", StytchSite.passwordParams)
            let session = try #require(site.fake.sessions.first)
            await site.pull()
            #expect(try await connection.failure("session.revoke").code == 1006)
            let forced = try await connection.call("session.revoke", ["force": true])
            #expect(forced["confirmed"] == false && forced["pending"] == true)
            #expect(forced["snapshot"]?["phase"] == "signedOut")
            #expect(site.fake.sessions.count == 1, "Stytch does not know yet")
            for _ in 0..<2 {
                try await daemon.kill()
                try await daemon.start()
                let later = try await daemon.connect().call("session.get")
                #expect(later["phase"] == "signedOut" && later["cause"]?["kind"] == "revoked")
            }
            site.fake.forgetCalls()
            try await site.putBack()
            let calls = await site.fake.calls(atLeast: 1, on: "sessions/revoke")
            #expect(calls.first?.sessionToken == session.token && site.fake.sessions.isEmpty)
            let again = try await daemon.connect().call("session.revoke")
            #expect(again["snapshot"]?["phase"] == "signedOut")
        }

        @Test("a code that was sent can be typed after kill -9: the challenge keeps its id")
        func code() async throws {
            let site = try await StytchSite()
            let daemon = try await site.daemon()
            let connection = try daemon.connect()
            let begun = try await connection.call(
                "session.signIn", ["method": "otp", "email": .string(StytchSite.email)])
            #expect(begun["outcome"] == "challenge" && begun["snapshot"]?["phase"] == "challenged")
            let challenge = try #require(begun["snapshot"]?["challenge"])
            #expect(Set(challenge.objectValue?.keys.sorted() ?? []) == ["id", "kind", "expiresAt", "sentTo"])
            #expect(challenge["kind"] == "otp" && challenge["sentTo"] == "a***@example.org")
            let answer: JSONValue = ["challenge": challenge["id"] ?? nil, "code": "000000"]
            let wrong = try await connection.failure("session.answer", answer)
            #expect(wrong.code == 1007 && wrong.data["reason"] == "unable_to_auth_otp_code")
            try await daemon.kill()
            try await daemon.start()
            let later = try daemon.connect()
            let restored = try await later.call("session.get")
            #expect(restored["phase"] == "challenged" && restored["challenge"] == challenge)
            let code = try #require(site.fake.code(to: StytchSite.email))
            let done = try await later.call(
                "session.answer", ["challenge": challenge["id"] ?? nil, "code": .string(code)])
            #expect(done["outcome"] == "signedIn" && done["snapshot"]?["challenge"] == .null)
            #expect(try await later.failure("session.answer", answer).code == 1014)
        }

        @Test("every step of a discovery outlives kill -9, up to the second factor")
        func discovery() async throws {
            let site = try await StytchSite(.b2b)
            let organization = site.fake.addOrganization(requiresMFA: true)
            let phone = "+15005550006"
            site.fake.addMember(of: organization, email: StytchSite.email, phone: phone)
            let daemon = try await site.daemon()
            func answer(_ fields: [String: JSONValue]) async throws -> JSONValue {
                let before = try await daemon.connect().call("session.get")["challenge"]
                try await daemon.kill()
                try await daemon.start()
                let connection = try daemon.connect()
                let challenge = try await connection.call("session.get")["challenge"]
                #expect(challenge == before)
                return try await connection.call(
                    "session.answer", .object(fields.merging(["challenge": challenge?["id"] ?? nil]) { $1 }))
            }
            try await daemon.connect().call(
                "session.signIn", ["method": "discovery", "email": .string(StytchSite.email)])
            let choice = try await answer(["code": .string(site.fake.code(to: StytchSite.email) ?? "")])
            #expect(
                choice["snapshot"]?["challenge"]?["organizations"] == [
                    ["id": .string(organization), "name": "Acme", "slug": "acme", "mfaRequired": true]
                ])
            let factor = try await answer(["organizationId": .string(organization)])["snapshot"]?["challenge"]
            #expect(factor?["kind"] == "mfa" && factor?["methods"] == ["sms_otp"])
            let sent = try await answer(["method": "sms_otp"])["snapshot"]?["challenge"]
            #expect(sent?["id"] == factor?["id"] && sent?["sentTo"] == "***06")
            let code = site.fake.code(to: phone) ?? ""
            let done = try await answer(["method": "sms_otp", "code": .string(code), "sessionDurationMinutes": 60])
            #expect(done["outcome"] == "signedIn" && done["snapshot"]?["phase"] == "active")
        }
    }
}
