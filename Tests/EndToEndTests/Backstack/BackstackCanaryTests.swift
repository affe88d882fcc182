import FakeServices
import SessionProtocol
import Testing

extension Backstack {
    @Suite("Backstack's secrets stay inside", .timeLimit(.minutes(1)))
    struct CanaryTests {
        private static let mistyped = "canary-mistyped-77aa"
        private static let newPassword = "canary-new-password-1c5e"

        @Test("no jwt, app key, password or token of a whole run is in a log, a file, an argument or a wrong answer")
        func everywhere() async throws {
            let site = try await BackstackSite()
            _ = site.addOla()
            let daemon = try await site.daemon()
            let connection = try daemon.connect()
            let watcher = try daemon.connect()
            try await watcher.call("session.watch", ["topics": ["token", "phase", "user", "heartbeat"]])
            var answers: [JSONValue] = []
            func say(_ method: String, _ params: JSONValue = [:]) async throws {
                answers.append(try await connection.reply(method, params))
            }
            func answer(_ fields: [String: JSONValue]) async throws {
                let challenge = try await connection.call("session.get")["challenge"]?["id"] ?? .null
                try await say("session.answer", .object(fields.merging(["challenge": challenge]) { $1 }))
            }
            for effect in [FakeEffect.html(status: 503), .truncated(after: 60), .error("500"), .error("401")] {
                site.fake.script(effect, on: "POST /app/login")
                try await say("session.signIn", BackstackSite.fields("kari"))
            }
            try await say("session.signIn", BackstackSite.fields("kari", password: Self.mistyped))
            try await say("session.signIn", BackstackSite.fields("ola"))
            try await answer(["accountId": "acc_of_nobody"])
            try await answer(["accountId": .string(site.north)])
            try await say("session.unlock", ["password": .string(Self.mistyped), "secret": .string(Self.mistyped)])
            try await say("session.lock")
            try await say("session.unlock", ["password": .string(Self.mistyped)])
            try await say("session.unlock", ["password": .string(BackstackSite.password)])
            try await say("session.signIn", ["method": "passwordReset", "email": "kari@depot.example"])
            try await answer(["token": "canary-wrong-token", "password": .string(Self.newPassword)])
            let token = try #require(site.fake.resetToken(of: site.kari))
            try await answer(["token": .string(token), "password": .string(Self.newPassword)])
            let handedIn = site.fake.openSession(user: site.kari, account: site.north)
            try await say("session.update", ["sessionToken": .string(handedIn)])
            _ = try await connection.call("session.wait", ["until": ["active"], "timeoutMs": 10_000])
            await site.heartbeats(2)
            for method in [
                "session.get", "account.list", "alerts.list", "user.get", "server.status", "server.health",
                "session.list", "session.authenticate", "profile.list",
            ] { try await say(method) }
            let status = try await Command.sessionctl("status", "--json", for: daemon)
            let jwt = try await connection.jwt()
            let headers = try await connection.call("session.headers")
            #expect(!String(decoding: headers.encoded, as: UTF8.self).contains(BackstackSite.appKey))
            let pid = try daemon.process.pid
            var places = ["arguments": try Files.read("/proc/\(pid)/cmdline")]
            if Requirements.isRoot { places["environment"] = try Files.read("/proc/\(pid)/environ") }
            try await say("session.revoke")
            #expect(try await daemon.stop() == .status(0))
            places["answers"] = JSONValue.array(answers).encoded
            places["notifications"] = JSONValue.array(try await watcher.rest()).encoded
            places["sessionctl"] = Array(status.output.utf8)
            places["status"] = Array(daemon.manager.assignments.joined(separator: "\n").utf8)
            places["log"] = Array(daemon.log.utf8)
            for (file, bytes) in try Files.all(in: daemon.state) { places["state/\(file)"] = bytes }
            for (file, bytes) in try Files.all(in: daemon.folder.path + "/run") { places["run/\(file)"] = bytes }

            var secrets: Set = [
                BackstackSite.appKey, BackstackSite.password, Self.mistyped, Self.newPassword, "canary-wrong-token",
                token, handedIn, jwt,
            ]
            // Every jwt that was ever sent to Backstack, or is good for anything there.
            secrets.formUnion(site.fake.calls().compactMap { $0.headers["authorization"] })
            secrets.formUnion(site.fake.liveJWTs)
            #expect(secrets.count > 20 && places.keys.contains { $0.hasPrefix("state/") })
            for (place, bytes) in places {
                let text = String(decoding: bytes, as: UTF8.self)
                for secret in secrets { #expect(!text.contains(secret), "\(secret.prefix(12))… in \(place)") }
            }
            #expect(daemon.log.contains(" debug ") || daemon.log.contains(" trace ") || daemon.log.contains(" info "))
        }
    }
}
