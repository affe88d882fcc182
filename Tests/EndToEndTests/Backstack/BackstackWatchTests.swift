import FakeServices
import SessionProtocol
import Testing

extension Backstack {
    @Suite("Watching a session of Backstack", .timeLimit(.minutes(1)))
    struct WatchTests {
        @Test("heartbeats that bring nothing new but a jwt are no event; a changed counter is the next one")
        func quiet() async throws {
            let site = try await BackstackSite()
            let (daemon, connection) = try await site.signedIn()
            let watcher = try daemon.connect()
            let state = try #require(try await watcher.call("session.watch")["state"])
            let before = try await connection.jwt()
            await site.heartbeats(3)
            #expect(try await connection.jwt() != before)
            #expect(try await connection.call("session.get")["revision"] == state["revision"])
            site.fake.set("counters.scans", to: 13, of: site.north)
            let told = try await watcher.notification()["params"]?["state"]
            #expect(told?["objects"]?["account"]?["value"]?["counters"] == ["scans": 13])
            #expect(told?["objects"]?["session"]?["value"] == state["objects"]?["session"]?["value"], "one signature")
            #expect(told?["phase"] == "active" && told?["cause"]?["kind"] == "validated")
        }

        @Test("alerts, counters and access are each told of to whoever watches them, and to nobody else")
        func topics() async throws {
            let site = try await BackstackSite()
            let (daemon, connection) = try await site.signedIn()
            var watchers: [String: WireConnection] = [:]
            for name in ["alerts", "account", "access", "session", "user"] {
                let watcher = try daemon.connect()
                try await watcher.call("session.watch", ["topics": [.string(name)]])
                watchers[name] = watcher
            }
            func told(_ name: String) async throws -> JSONValue? {
                try await watchers[name]?.notification()["params"]?["state"]?["objects"]
            }
            let alert: JSONValue = ["id": "full", "access": "*", "priority": 1]
            site.fake.setAlerts([alert])
            #expect(try await told("alerts")?["alerts"]?["value"] == [alert])
            site.fake.set("counters.scans", to: 13, of: site.north)
            #expect(try await told("account")?["account"]?["value"]?["counters"]?["scans"] == 13)
            site.fake.setAccess(["account-users": "r"], of: site.kari, in: site.north)
            #expect(try await told("access")?["access"]?["value"] == ["account-users": "r"])
            let signed = try await told("session")
            #expect(signed?["access"]?["value"] == ["account-users": "r"], "the signature is the session's")
            #expect(try await connection.allowed("account-users:c") == [false])
            site.fake.set("hidden_tips", to: ["tip_1"], of: site.kari)
            let user = try await told("user")
            #expect(user?["user"]?["value"]?["hidden_tips"] == ["tip_1"], "nothing that came before was the user's")
            site.fake.signOut(site.kari)
            for (name, watcher) in watchers {
                let last = try await watcher.notification()["params"]?["state"]
                #expect(last?["phase"] == "signedOut", "\(name): \(String(describing: last))")
            }
        }

        @Test("PHP's empty arrays where maps are meant are empty maps to watchers, and no change")
        func emptyMaps() async throws {
            let site = try await BackstackSite()
            site.fake.setAccess([:], of: site.kari, in: site.north)
            site.fake.set("counters", to: [:], of: site.north)
            let (daemon, connection) = try await site.signedIn()
            let watcher = try daemon.connect()
            let state = try #require(try await watcher.call("session.watch")["state"])
            #expect(state["objects"]?["access"]?["value"] == [:])
            site.fake.choices.emptyMapsAsArrays = true
            await site.heartbeats(2)
            let later = try await connection.call("session.get")
            #expect(later["revision"] == state["revision"])
            #expect(later["objects"]?["access"]?["value"] == [:])
            #expect(later["objects"]?["account"]?["value"]?["counters"] == [:])
        }
    }
}
