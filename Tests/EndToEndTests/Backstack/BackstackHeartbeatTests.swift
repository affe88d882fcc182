import FakeServices
import SessionProtocol
import Testing

extension Backstack {
    @Suite("Heartbeats to Backstack", .timeLimit(.minutes(1)))
    struct HeartbeatTests {
        private static func watch(_ daemon: DaemonProcess) async throws -> WireConnection {
            let watcher = try daemon.connect()
            try await watcher.call("session.watch", ["topics": ["phase"]])
            return watcher
        }

        @Test("200 with auth:false, and a dead jwt beside a living app key, are a sign-out elsewhere; app stays")
        func endedElsewhere() async throws {
            for isDead in [false, true] {
                let site = try await BackstackSite()
                let (daemon, connection) = try await site.signedIn()
                let watcher = try await Self.watch(daemon)
                if isDead { site.fake.killJWTs() } else { site.fake.signOut(site.kari) }
                let ended = try await watcher.state { $0["phase"] == "signedOut" }
                #expect(ended["cause"]?["kind"] == "endedElsewhere", "\(isDead)")
                expectSnapshotShape(ended, objects: BackstackSite.objects)
                for name in BackstackSite.objects.subtracting(["app"]) {
                    #expect(ended["objects"]?[name] == ["state": "unavailable", "reason": "signedOut"], "\(name)")
                }
                #expect(ended["objects"]?["app"]?["value"]?["title"] == "Depot")
                #expect(try await connection.failure("session.token").code == 1002)
                #expect(await daemon.restart() == nil)
                let later = try await daemon.connect().call("session.get")
                #expect(later["phase"] == "signedOut" && later["cause"]?["kind"] == "endedElsewhere")
                #expect(later["objects"]?["app"]?["state"] == "available")
                let status = try await Command.sessionctl("status", "--check", for: daemon)
                #expect(status.status == .status(3))
                #expect(status.output.contains("the session has ended"), "\(status.output)")
            }
        }

        @Test("a network that is pulled makes the session stale, still served, and active again when it is back")
        func network() async throws {
            let site = try await BackstackSite()
            let (daemon, connection) = try await site.signedIn()
            let watcher = try await Self.watch(daemon)
            await site.pull()
            let stale = try await watcher.state { $0["phase"] == "stale" }
            #expect(stale["cause"]?["kind"] == "upstreamUnavailable")
            #expect(stale["heartbeat"]?["lastError"]?["kind"] == "upstreamUnavailable")
            #expect(try await connection.call("session.token")["stale"] == true)
            #expect(try await connection.allowed("account-users:c", "account-users:d") == [true, false])
            for (method, params) in [
                ("session.authenticate", [:]), ("session.revoke", [:]), ("session.lock", [:]), ("account.list", [:]),
                ("account.switch", ["accountId": .string(site.north)]), ("session.unlock", ["password": "x"]),
                ("session.signIn", BackstackSite.fields("kari")),
            ] as [(String, JSONValue)] {
                let failure = try await connection.failure(method, params)
                #expect(failure.code == 1006 && failure.data["retryable"] == true, "\(method): \(failure)")
            }
            #expect(try await connection.call("session.get")["phase"] == "stale", "nothing is dropped")
            try await site.putBack()
            let back = try await watcher.state { $0["phase"] == "active" }
            #expect(back["cause"]?["kind"] == "validated" && back["heartbeat"]?["lastError"] == .null)
            #expect(back["objects"]?["user"]?["value"]?["id"] == .string(site.kari))
        }

        @Test(
            "an answer that is not Backstack's word keeps the session",
            arguments: [
                (FakeEffect.html(status: 502), "upstreamUnavailable"), (.html(status: 200), "upstreamUnavailable"),
                (.error("500"), "upstreamUnavailable"), (.error("429"), "upstreamUnavailable"),
                (.truncated(after: 40), "upstreamUnavailable"), (.redirect(to: "/portal"), "upstreamUnavailable"),
                (.json([:], status: 200), "upstreamUnavailable"), (.error("403"), "misconfigured"),
                (.error("404"), "misconfigured"), (.error("401"), "misconfigured"),
            ])
        func doubt(effect: FakeEffect, kind: String) async throws {
            let site = try await BackstackSite()
            let (daemon, connection) = try await site.signedIn()
            let watcher = try await Self.watch(daemon)
            site.fake.always(effect)
            let stale = try await watcher.state { $0["phase"] != "active" }
            #expect(stale["phase"] == "stale" && stale["cause"]?["kind"] == .string(kind), "\(stale)")
            #expect(stale["objects"]?["user"]?["value"]?["id"] == .string(site.kari))
            site.fake.unscript()
            // The first may share an attempt that was answered before that.
            _ = try? await connection.call("session.authenticate")
            #expect(try await connection.call("session.authenticate")["phase"] == "active")
        }
    }
}
