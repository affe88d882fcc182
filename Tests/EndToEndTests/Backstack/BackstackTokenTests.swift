import FakeServices
import SessionProtocol
import Testing

extension Backstack {
    @Suite("Backstack's jwt", .timeLimit(.minutes(1)))
    struct TokenTests {
        /// A Backstack that takes the newest jwt of a session and no other: whoever loses it is signed out.
        private static var strict: FakeBackstackChoices {
            var choices = FakeBackstackChoices()
            choices.oldJWT = .refused
            return choices
        }

        @Test("every answer's jwt replaces the one before, also the one on disk: kill -9 loses none")
        func rotation() async throws {
            let site = try await BackstackSite(Self.strict)
            let (daemon, first) = try await site.signedIn(interval: "180s")
            var connection = first
            var seen: Set<String> = [try await connection.jwt()]
            for _ in 0..<3 {
                #expect(try await connection.call("session.authenticate")["phase"] == "active")
                #expect(seen.insert(try await connection.jwt()).inserted)
                try await connection.call("session.lock")
                try await connection.call("session.unlock", ["password": .string(BackstackSite.password)])
                let newest = try await connection.jwt()
                #expect(seen.insert(newest).inserted && site.fake.liveJWTs.contains(newest))
                try await daemon.kill()
                try await daemon.start()
                connection = try daemon.connect()
                let state = try await connection.call("session.wait", ["until": ["active"], "timeoutMs": 10_000])
                #expect(state["objects"]?["user"]?["value"]?["id"] == .string(site.kari))
                #expect(seen.insert(try await connection.jwt()).inserted)
            }
            #expect(site.fake.calls().allSatisfy { $0.status == 200 })
        }

        @Test("after kill -9 with the network pulled the session is served at once, with the jwt as a stale one")
        func restoredWithoutNetwork() async throws {
            let site = try await BackstackSite(Self.strict)
            let (daemon, connection) = try await site.signedIn(interval: "180s")
            let jwt = try await connection.jwt()
            let before = try await connection.call("session.get")
            await site.pull()
            try await daemon.kill()
            try await daemon.start()
            let later = try daemon.connect()
            let restored = try await later.call("session.get")
            #expect(restored["phase"] == "unverified" && restored["cause"]?["kind"] == "restored")
            #expect(restored["objects"] == before["objects"])
            let token = try await later.call("session.token")
            #expect(token["stale"] == true && token["tokens"] == ["sessionToken": .string(jwt)])
            #expect(try await later.allowed("account-users:c") == [true])
            try await site.putBack()
            _ = try await later.call("session.wait", ["until": ["active"], "timeoutMs": 20_000])
        }

        @Test("clients that call at once never make Backstack refuse a jwt that was replaced meanwhile")
        func oneInFlight() async throws {
            let site = try await BackstackSite(Self.strict)
            let (daemon, connection) = try await site.signedIn()
            let callers = try (0..<6).map { _ in try daemon.connect() }
            for caller in callers {
                caller.send("s", "session.authenticate")
                caller.send("l", "account.list")
                caller.send("w", "account.switch", ["accountId": .string(site.north)])
            }
            for caller in callers {
                for _ in 0..<3 {
                    let reply = try #require(try await caller.line())
                    #expect(reply["error"] == nil, "\(reply)")
                }
            }
            #expect(try await connection.call("session.authenticate")["phase"] == "active")
            #expect(site.fake.calls().allSatisfy { $0.status == 200 })
        }

        @Test("a jwt that is replaced is no change to watchers, and told to those who watch tokens, without it")
        func topic() async throws {
            let site = try await BackstackSite()
            let (daemon, connection) = try await site.signedIn(interval: "180s")
            let plain = try daemon.connect()
            try await plain.call("session.watch")
            let tokens = try daemon.connect()
            try await tokens.call("session.watch", ["topics": ["token"]])
            try await connection.call("session.authenticate")
            let told = try await tokens.notification()
            let jwt = try await connection.jwt()
            #expect(!String(decoding: told.encoded, as: UTF8.self).contains(jwt))
            try await connection.call("session.invalidate")
            #expect(try await plain.notification()["params"]?["state"]?["phase"] == "signedOut", "the first news")
        }

        @Test("session.headers is what Backstack's API takes: the jwt without a scheme, and no app key")
        func headers() async throws {
            let site = try await BackstackSite()
            let (daemon, connection) = try await site.signedIn(interval: "180s")
            let jwt = try await connection.jwt()
            let headers = try await connection.call("session.headers")["headers"]
            #expect(
                headers == [
                    "Authorization": .string(jwt), "Content-Type": "application/json",
                    "X-Provider-ID": .string(BackstackSite.providerID),
                ])
            #expect(await site.answer(headers).json?["auth"] == true)
            let lines = try await Command.sessionctl("headers", for: daemon)
            #expect(
                lines.output
                    == "Authorization: \(jwt)\nContent-Type: application/json\nX-Provider-ID: partner-7\n")
            let token = try await Command.sessionctl("token", for: daemon)
            #expect(token.output == jwt + "\n")
            try await connection.call("session.revoke")
            #expect(try await connection.failure("session.headers").code == 1002)
            #expect(try await Command.sessionctl("headers", for: daemon).status == .status(3))
        }

        @Test("a jwt from a browser is handed in, confirmed at once, and one that is nobody's ends as signed out")
        func handedIn() async throws {
            let site = try await BackstackSite()
            let daemon = try await site.daemon(interval: "180s")
            let jwt = site.fake.openSession(user: site.kari, account: site.north)
            let given = try await Command.sessionctl("update", for: daemon, input: jwt + "\n")
            #expect(given.status == .status(0), "\(given.errors)")
            let connection = try daemon.connect()
            let active = try await connection.call("session.wait", ["until": ["active"], "timeoutMs": 10_000])
            #expect(active["objects"]?["user"]?["value"]?["id"] == .string(site.kari))
            let taken = try await connection.call("session.update", ["sessionToken": "of-nobody"])
            #expect(taken["phase"] == "unverified")
            let gone = try await connection.call("session.wait", ["until": ["signedOut"], "timeoutMs": 15_000])
            #expect(gone["cause"]?["kind"] == "endedElsewhere")
        }
    }
}
