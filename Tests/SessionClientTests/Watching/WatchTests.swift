import SessionProtocol
import Testing

@testable import SessionClient

@Suite("Watches", .timeLimit(.minutes(1)))
struct WatchTests {
    @Test("the present state comes first, then every change")
    func changes() async throws {
        let daemon = try FakeDaemon()
        var numbers = try await daemon.client().profile().sessionChanges.makeAsyncIterator()
        #expect(await numbers.next()?.number == 0)
        for number in Int64(1)...3 {
            daemon.publish { $0.number = number }
            #expect(await numbers.next()?.number == number)
        }
        daemon.publish { $0.number = nil }
        #expect(await numbers.next() == .unavailable(.signedOut))
    }

    @Test("a change that overtakes the answer to session.watch counts")
    func earlyChange() async throws {
        let daemon = try FakeDaemon()
        daemon.on("session.watch") { request in
            let old = Samples.snapshot(session: 1, revision: 1)
            request.connection.send(Samples.changed("s1", Samples.snapshot(session: 2, revision: 2)))
            request.answer(["subscription": "s1", "resumed": false, "state": old.json])
            request.connection.send(Samples.changed("s1", Samples.snapshot(session: 3, revision: 3)))
        }
        let client = try await daemon.client()
        var newest: Int64 = 0
        for try await snapshot in client.changes() {
            let number = try #require(snapshot.number)
            #expect(number > newest)
            newest = number
            if number == 3 { break }
        }
    }

    @Test("a watch of all profiles has each one's newest state, over one subscription and over restarts")
    func allProfiles() async throws {
        let daemon = try FakeDaemon()
        @Sendable func states(_ numbers: [Int64], revision: Int64, instance: String) -> JSONValue {
            .array(
                numbers.enumerated().map { index, number in
                    var state = Samples.snapshot(session: number, revision: revision)
                    state.profile = "p\(index)"
                    state.instance = instance
                    return state.json
                })
        }
        daemon.on("session.watch") { request in
            request.answer([
                "subscription": "s1", "resumed": false, "state": states([1, 2, 3], revision: 5, instance: "i"),
            ])
            for (index, revision) in [(2, 4), (0, 6), (1, 7), (1, 6)] as [(Int, Int64)] {
                var state = Samples.snapshot(session: 10 * revision, revision: revision)
                state.profile = "p\(index)"
                request.connection.send(Samples.changed("s1", state))
            }
        }
        let client = try await daemon.client()
        #expect(client.socketPath == daemon.path)
        var all = client.changesOfAllProfiles().makeAsyncIterator()
        var newest: [String: Int64] = [:]
        while newest != ["p0": 60, "p1": 70, "p2": 3] {
            let state = try #require(try await all.next())
            newest[state.profile] = state.number
        }
        #expect(await daemon.next("session.watch")?.params == ["all": true])

        daemon.on("session.watch") { request in
            let state = states([60, 80, 3], revision: 2, instance: "i2")
            request.answer(["subscription": "s1", "resumed": false, "state": state])
        }
        daemon.dropAll()
        while newest != ["p0": 60, "p1": 80, "p2": 3] {
            let state = try #require(try await all.next())
            newest[state.profile] = state.number
        }
        #expect(await daemon.next("session.watch")?.params == ["all": true])
    }

    @Test("an older state never takes the place of a newer one")
    func oldState() async throws {
        let daemon = try FakeDaemon()
        daemon.on("session.watch") { request in
            request.answer([
                "subscription": "s1", "resumed": false, "state": Samples.snapshot(session: 5, revision: 5).json,
            ])
            request.connection.send(Samples.changed("s1", Samples.snapshot(session: 4, revision: 4)))
            request.connection.send(Samples.changed("s1", Samples.snapshot(session: 6, revision: 6)))
        }
        let client = try await daemon.client()
        for try await snapshot in client.changes() {
            #expect(snapshot.number != 4)
            if snapshot.number == 6 { break }
        }
    }

    @Test("after a lost connection the watch asks for what it missed, and gets it")
    func resumption() async throws {
        let daemon = try FakeDaemon()
        let client = try await daemon.client()
        var states = client.changes().makeAsyncIterator()
        let first = try #require(try await states.next())
        _ = await daemon.next("session.watch")

        daemon.dropAll()
        let second = try #require(await daemon.next("session.watch"))
        #expect(second.params["since"] == ["instance": "i", "revision": .integer(first.revision)])

        daemon.dropAll()
        daemon.changeSilently { $0.number = 7 }
        #expect(try await states.next()?.number == 7)
    }

    @Test("a restarted daemon's state is taken although its revisions begin anew")
    func newInstance() async throws {
        let daemon = try FakeDaemon()
        daemon.changeSilently { $0.revision = 1000 }
        let client = try await daemon.client()
        var states = client.changes().makeAsyncIterator()
        #expect(try await states.next()?.revision == 1001)
        daemon.stop()
        daemon.changeSilently { state in
            state.revision = 2
            state.number = 8
        }
        try daemon.restart()
        let after = try #require(try await states.next())
        #expect(after.number == 8)
        #expect(after.revision == 3)
    }

    @Test("a lost connection is no sign-out")
    func noFalseSignOut() async throws {
        let daemon = try FakeDaemon()
        let client = try await daemon.client()
        var sessions = client.profile().sessionChanges.makeAsyncIterator()
        #expect(await sessions.next()?.number == 0)
        daemon.stop()
        daemon.changeSilently { $0.number = 1 }
        try daemon.restart()
        #expect(await sessions.next()?.number == 1)
    }

    @Test("a slow reader gets the newest state, not all of them")
    func conflation() async throws {
        let daemon = try FakeDaemon()
        let client = try await daemon.client()
        var slow = client.profile().sessionChanges.makeAsyncIterator()
        var fast = client.profile().sessionChanges.makeAsyncIterator()
        #expect(await slow.next()?.number == 0)
        for number in Int64(1)...50 { daemon.publish { $0.number = number } }
        while let number = await fast.next()?.number, number < 50 {}
        #expect(await slow.next()?.number == 50)
    }

    @Test("equal states in a row are one")
    func duplicates() async throws {
        let daemon = try FakeDaemon()
        let client = try await daemon.client()
        var sessions = client.profile().sessionChanges.makeAsyncIterator()
        var phases = client.profile().snapshots.makeAsyncIterator()
        #expect(await sessions.next()?.number == 0)
        #expect(try await phases.next() != nil)
        daemon.repeatState()
        daemon.publish { $0.phase = .stale }
        #expect(try await phases.next()?.phase == .stale)
        daemon.publish { $0.number = 1 }
        #expect(await sessions.next()?.number == 1)
    }

    @Test("all who watch a profile share a subscription, which ends with the last of them")
    func sharing() async throws {
        let daemon = try FakeDaemon()
        let client = try await daemon.client()
        do {
            var first = client.profile("shop").sessionChanges.makeAsyncIterator()
            var second = client.profile("shop").snapshots.makeAsyncIterator()
            let subscription = client.profile("shop").onUserChange { _ in }
            _ = await first.next()
            _ = try await second.next()
            subscription.cancel()
            try await client.call("server.ping")
        }
        var methods: [String] = []
        for await request in daemon.requests {
            methods.append(request.method)
            if request.method == "session.unwatch" { break }
        }
        #expect(methods == ["session.watch", "server.ping", "session.unwatch"])
    }

    @Test("a subscription that the server closes is asked for again", arguments: ["shutdown", "slow"])
    func closedByServer(reason: String) async throws {
        let daemon = try FakeDaemon()
        let client = try await daemon.client()
        var sessions = client.profile().sessionChanges.makeAsyncIterator()
        #expect(await sessions.next()?.number == 0)
        daemon.closeSubscriptions(reason: reason)
        daemon.changeSilently { $0.number = 2 }
        #expect(await sessions.next()?.number == 2)
        #expect(daemon.opened == 1)
    }

    @Test("a refusal that waiting would not mend ends the watch with its error, after the last state")
    func refusal() async throws {
        let daemon = try FakeDaemon()
        let client = try await daemon.client()
        var states = client.changes().makeAsyncIterator()
        #expect(try await states.next()?.number == 0)
        daemon.on("session.watch") { $0.fail(1001, "permissionDenied", ["needs": "read"]) }
        daemon.publish { $0.number = 1 }
        daemon.closeSubscriptions(reason: "revoked")
        #expect(try await states.next()?.number == 1)
        let error = await #expect(throws: SessionError.self) { try await states.next() }
        #expect(error?.kind == .permissionDenied)
    }

    @Test("a refusal that passes is waited out")
    func passingRefusal() async throws {
        let daemon = try FakeDaemon()
        daemon.on("session.watch") { [weak daemon] request in
            daemon?.on("session.watch") { [weak daemon] in daemon?.serveOwn($0) }
            request.fail(1005, "busy", retryable: true)
        }
        var sessions = try await daemon.client().profile().sessionChanges.makeAsyncIterator()
        #expect(await sessions.next()?.number == 0)
    }

    @Test("close ends every watch, without an error and without a sign-out")
    func closing() async throws {
        let daemon = try FakeDaemon()
        let client = try await daemon.client()
        var states = client.profile().snapshots.makeAsyncIterator()
        _ = try await states.next()
        client.close()
        #expect(try await states.next() == nil)
        var later = client.profile().sessionChanges.makeAsyncIterator()
        #expect(await later.next() == nil)
    }

    @Test("a cancelled reader stops, and the others go on")
    func cancelledReader() async throws {
        let daemon = try FakeDaemon()
        let client = try await daemon.client()
        let (first, signal) = AsyncStream<Void>.makeStream()
        let reader = Task {
            for await _ in client.profile().sessionChanges { signal.yield() }
        }
        var other = client.profile().sessionChanges.makeAsyncIterator()
        _ = await other.next()
        for await _ in first { break }
        reader.cancel()
        await reader.value
        daemon.publish { $0.number = 1 }
        #expect(await other.next()?.number == 1)
    }

    @Test("a callback whose handle nobody keeps goes on")
    func callbackWithoutHandle() async throws {
        let daemon = try FakeDaemon()
        let client = try await daemon.client()
        let (numbers, inbox) = AsyncStream<Int64?>.makeStream()
        client.profile().onSessionChange { inbox.yield($0.number) }
        var iterator = numbers.makeAsyncIterator()
        for number in Int64(0)...5 {
            #expect(await iterator.next() == number)
            daemon.publish { $0.number = number + 1 }
        }
        client.close()
    }

    @Test("callbacks get the present state and the changes")
    func callbacks() async throws {
        let daemon = try FakeDaemon()
        let client = try await daemon.client()
        let (numbers, inbox) = AsyncStream<Int64?>.makeStream()
        let subscription = client.profile().onSessionChange { inbox.yield($0.number) }
        var iterator = numbers.makeAsyncIterator()
        #expect(await iterator.next() == 0)
        daemon.publish { $0.number = 1 }
        #expect(await iterator.next() == 1)
        subscription.cancel()
    }

    @Test("topics go out with the subscription, which is one of its own")
    func topics() async throws {
        let daemon = try FakeDaemon()
        let client = try await daemon.client()
        var states = client.profile().snapshots(of: [.heartbeat, .object(.user)]).makeAsyncIterator()
        _ = try await states.next()
        let request = try #require(await daemon.next("session.watch"))
        #expect(request.params == ["topics": ["heartbeat", "user"]])
    }
}
