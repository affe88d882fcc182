import FakeServices
import SessionProtocol
import Testing

extension Backstack {
    @Suite("The third generation of Backstack's API", .timeLimit(.minutes(1)))
    struct GenerationTests {
        @Test(
            "a whole life with envelopes and the jwt in a header, taken from the refusals of a session too",
            arguments: ["data", "payload"])
        func life(envelope: String) async throws {
            var choices = FakeBackstackChoices()
            choices.generation = .enveloped(envelope)
            choices.oldJWT = .refused
            let site = try await BackstackSite(choices)
            let (_, south) = site.addOla()
            let daemon = try await site.daemon(interval: "180s")
            let connection = try daemon.connect()
            let watcher = try daemon.connect()
            try await watcher.call("session.watch")
            let begun = try await connection.call("session.signIn", BackstackSite.fields("ola"))
            let challenge = begun["snapshot"]?["challenge"]?["id"] ?? .null
            let done = try await connection.call(
                "session.answer", ["challenge": challenge, "accountId": .string(site.north)])
            #expect(done["outcome"] == "signedIn")
            let first = try await connection.jwt()
            site.fake.set("counters.scans", to: 13, of: site.north)
            try await connection.call("session.authenticate")
            _ = try await watcher.state { $0["objects"]?["account"]?["value"]?["counters"]?["scans"] == 13 }
            #expect(try await connection.jwt() != first)
            #expect(try await connection.call("account.list")["current"] == .string(site.north))
            let switched = try await connection.call("account.switch", ["accountId": .string(south)])
            #expect(switched["objects"]?["access"]?["value"] == ["account-users": "crud"])
            #expect(try await connection.call("session.lock")["phase"] == "locked")
            #expect(try await connection.failure("session.unlock", ["password": "wrong"]).code == 1007)
            let unlocked = try await connection.call(
                "session.unlock", ["password": .string(BackstackSite.password)])
            #expect(unlocked["phase"] == "active")
            try await daemon.kill()
            try await daemon.start()
            let later = try daemon.connect()
            let restored = try await later.call("session.wait", ["until": ["active"], "timeoutMs": 10_000])
            #expect(restored["objects"]?["account"]?["value"]?["id"] == .string(south))
            #expect(try await later.call("session.revoke")["confirmed"] == true)
            #expect(
                site.fake.calls().allSatisfy { [200, 400].contains($0.status) || $0.path == "/user/change-account" })
        }
    }
}
