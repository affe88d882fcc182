import SessionCore
import SessionProtocol
import SessionServer
import Synchronization
import Testing

@Suite("Watching")
struct WatchTests {
    @Test("a watcher gets the state, then every change, and nothing after unwatch")
    func changes() async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile]) { server in
            let client = try server.connect()
            let result = try await client.call("session.watch")["result"]
            #expect(result == ["subscription": "s1", "resumed": false, "state": profile.publication.snapshot.json])
            profile.publish(phase: .active)
            #expect(
                try await client.next() == [
                    "jsonrpc": "2.0", "method": "session.changed",
                    "params": [
                        "subscription": "s1", "profile": "default", "revision": 2,
                        "state": profile.publication.snapshot.json,
                    ],
                ])
            #expect(try await client.call("session.unwatch", ["subscription": "s1"])["result"] == [:])
            profile.publish(phase: .stale)
            #expect(try await client.call("server.ping")["id"] == 9_999)
        }
    }

    @Test("no change falls between the snapshot and the subscription", arguments: 0..<8)
    func race(round: Int) async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile]) { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { for _ in 0..<200 { profile.publish { _, _ in } } }
                for _ in 0..<4 {
                    group.addTask {
                        let client = try server.connect()
                        client.request(1, "session.watch")
                        var revision: Int64 = 0
                        while revision < 201 {
                            let line = try await client.next()
                            let state = line["params"]?["state"] ?? line["result"]?["state"]
                            let next = try #require(state?["revision"]?.integerValue)
                            #expect(next > revision)
                            revision = next
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("bookkeeping alone is no change, unless the heartbeat is watched")
    func bookkeeping() async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile]) { server in
            let client = try server.connect()
            _ = try await client.call("session.watch")
            let heartbeats = try server.connect()
            _ = try await heartbeats.call("session.watch", ["topics": ["heartbeat"]])
            profile.publish(topics: ["heartbeat"], isChange: false) { snapshot, _ in snapshot.heartbeat.failures = 1 }
            #expect(try await heartbeats.next()["params"]?["state"]?["heartbeat"]?["failures"] == 1)
            profile.publish(phase: .active)
            #expect(try await client.next()["params"]?["revision"] == 2)
        }
    }

    @Test("topics keep other changes away; the token topic tells of a rotation without the token")
    func topics() async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile]) { server in
            let client = try server.connect()
            _ = try await client.call("session.watch", ["topics": ["user"]])
            _ = try await client.call("session.watch", ["topics": ["token", "access"]])
            profile.publish(topics: ["session"]) { _, _ in }
            profile.publish(topics: ["token"], isChange: false) { _, session in
                session = ProviderSession(tokens: TokenSet(sessionToken: Secret("hidden-token")))
            }
            let rotation = try await client.next()
            #expect(rotation["params"]?["subscription"] == "s2")
            #expect(!String(decoding: rotation.encoded, as: UTF8.self).contains("hidden-token"))
            profile.publish(topics: ["user"]) { _, _ in }
            #expect(try await client.next()["params"]?["subscription"] == "s1")
        }
    }

    @Test("since spares the state only where instance and revision are the present ones")
    func since() async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile]) { server in
            let client = try server.connect()
            for (instance, revision, isResumed) in [("i-1", 1, true), ("i-0", 1, false), ("i-1", 2, false)] {
                let result = try await client.call(
                    "session.watch",
                    ["since": ["instance": .string(instance), "revision": .integer(Int64(revision))]])["result"]
                #expect(result?["resumed"] == .bool(isResumed))
                #expect((result?["state"] == nil) == isResumed)
            }
        }
    }

    @Test("all:true brings every profile, and those that come later")
    func all() async throws {
        let profiles = [FakeProfile(), FakeProfile("other")]
        try await TestServer.with(profiles) { server in
            let client = try server.connect()
            let state = try await client.call("session.watch", ["all": true])["result"]?["state"]?.arrayValue
            #expect(state?.compactMap { $0["profile"]?.stringValue } == ["default", "other"])
            profiles[1].publish(phase: .active)
            #expect(try await client.next()["params"]?["profile"] == "other")
            let new = FakeProfile("new")
            await server.server.update(
                directory: ProfileDirectory(defaultProfile: "default", profiles: profiles + [new]), authority: nil)
            #expect(try await client.next()["params"]?["profile"] == "new")
            #expect(try await client.call("session.get", ["profile": "new"])["result"] != nil)
        }
    }

    @Test("a profile that another keeper takes over is told anew; one that goes away ends its subscriptions")
    func replaced() async throws {
        let old = FakeProfile()
        try await TestServer.with([old]) { server in
            let client = try server.connect()
            for _ in 0..<5 { old.publish(phase: .active) }
            _ = try await client.call("session.watch")
            await server.server.update(
                directory: ProfileDirectory(defaultProfile: "default", profiles: [FakeProfile()]), authority: nil)
            #expect(try await client.next()["params"]?["state"]?.phase == "signedOut")
            await server.server.update(
                directory: ProfileDirectory(defaultProfile: "default", profiles: []), authority: nil)
            #expect(try await client.next()["params"]?["reason"] == "revoked")
            #expect(try await client.call("session.get").kind == "profileNotFound")
        }
    }

    @Test("an overtaken state is settled before it is told")
    func settled() async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile]) { server in
            let client = try server.connect()
            _ = try await client.call("session.watch")
            profile.script.withLock { $0.settlesTo = .signedOut }
            let passed = Deadline(wall: server.clock.now().wall - 1, seenAt: server.clock.now())
            profile.publish(deadline: passed) { snapshot, _ in snapshot.phase = .active }
            #expect(try await client.next()["params"]?["state"]?.phase == "signedOut")
        }
    }

    @Test("who never reads gets the newest state in the end, and at most what fits the buffers before")
    func conflation() async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile]) { server in
            let lazy = try server.connect()
            _ = try await lazy.call("session.watch")
            let eager = try server.connect()
            _ = try await eager.call("session.watch")
            let ballast = JSONValue.string(String(repeating: "x", count: 60_000))
            for round in 1...200 {
                profile.publish { snapshot, _ in snapshot.objects["user"] = .available(ballast, lastValidatedAt: nil) }
                // Whoever reads is told of every change, whatever the other does.
                #expect(try await eager.next()["params"]?["revision"] == .integer(Int64(round + 1)))
            }
            var count = 0
            var revision: Int64 = 0
            while revision < 201 {
                let next = try #require(try await lazy.next()["params"]?["revision"]?.integerValue)
                #expect(next > revision)
                revision = next
                count += 1
            }
            #expect(count < 100)
        }
    }

    @Test("a subscription keeps a half-closed connection until the peer is gone")
    func halfClose() async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile]) { server in
            let observer = try server.connect()
            do {
                let client = try server.connect()
                _ = try await client.call("session.watch")
                client.endInput()
                profile.publish(phase: .active)
                #expect(try await client.next()["params"]?["revision"] == 2)
                profile.publish(phase: .stale)
                #expect(try await client.next()["params"]?["revision"] == 3)
                #expect(try await observer.call("server.status")["result"]?["connections"] == 2)
            }
            // The client is gone; the server learns that from the kernel, at once but not in step with this test.
            var connections: JSONValue? = nil
            for _ in 0..<10_000 where connections != 1 {
                connections = try await observer.call("server.status")["result"]?["connections"]
            }
            #expect(connections == 1)
        }
    }
}
