import CLinux
import SessionProtocol
import Synchronization
import Testing

@testable import SessionClient

@Suite("What is known without asking", .timeLimit(.minutes(1)))
struct CacheTests {
    /// The cache shares the watch with the sequence, so what the sequence has told is in the cache.
    @Test("the first look begins to watch, later ones show the newest state, from one subscription")
    func cache() async throws {
        let daemon = try FakeDaemon()
        daemon.on("session.watch") { _ in }
        let client = try await daemon.client()
        let profile = client.profile()
        #expect(profile.cachedSession == .loading)
        daemon.serveOwn(try #require(await daemon.next("session.watch")))
        var sessions = profile.sessionChanges.makeAsyncIterator()
        #expect(await sessions.next()?.number == 0)
        #expect(profile.cachedSession.number == 0)
        daemon.publish { $0.number = 1 }
        #expect(await sessions.next()?.number == 1)
        #expect(client.profile().cachedSession.number == 1)
        #expect(client.profile().cachedUser == .unavailable(.notProvided))
        try await client.call("server.ping")
        var methods: [String] = []
        for await request in daemon.requests {
            methods.append(request.method)
            if request.method == "server.ping" { break }
        }
        #expect(methods == ["server.ping"])
    }

    @Test("while the daemon is away the last state stays, but not past the session's end")
    func expiry() async throws {
        let daemon = try FakeDaemon()
        daemon.changeSilently { $0.expiresAt = cl_wall_milliseconds() + 3_600_000 }
        let client = try await daemon.client()
        var states = client.profile().snapshots.makeAsyncIterator()
        _ = client.profile().cachedSession
        _ = try await states.next()
        #expect(client.profile().cachedSession.isAvailable)
        daemon.publish { $0.expiresAt = cl_wall_milliseconds() - 1 }
        _ = try await states.next()
        daemon.stop()
        #expect(client.profile().cachedSession == .unavailable(.expired))
        #expect(client.profile().cachedSnapshot?.session.number == 0)
    }

    @Test("what the daemon does not tell any more is not shown either, and is asked for by a look a second later")
    func refusalAfterState() async throws {
        let daemon = try FakeDaemon()
        let client = try await daemon.client()
        let profile = client.profile()
        _ = profile.cachedSession
        var states = profile.snapshots.makeAsyncIterator()
        _ = try await states.next()
        #expect(profile.cachedSession.isAvailable)
        let begun = cl_boot_milliseconds()
        daemon.on("session.watch") { $0.fail(1001, "permissionDenied") }
        daemon.closeSubscriptions(reason: "revoked")
        await #expect(throws: SessionError.self) { try await states.next() }
        #expect(profile.cachedSession == .loading)
        #expect(profile.cachedSnapshot == nil)
        daemon.model.withLock { $0.handlers["session.watch"] = nil }
        while profile.cachedSession == .loading { await Task.yield() }
        #expect(cl_boot_milliseconds() - begun > 1000)
        #expect(profile.cachedSession.isAvailable)
    }

    @Test("a daemon that refuses to tell is no sign-out either")
    func refusal() async throws {
        let daemon = try FakeDaemon()
        daemon.on("session.watch") { $0.fail(1011, "profileNotFound") }
        let profile = try await daemon.client().profile("none")
        #expect(profile.cachedSession == .loading)
        var states = profile.snapshots.makeAsyncIterator()
        await #expect(throws: SessionError.self) { try await states.next() }
        #expect(profile.cachedSession == .loading)
    }
}
