import SessionCore
import SessionProtocol
import SessionServer
import Testing

/// Clients that go without a word, in the middle of things.
@Suite("Clients that are gone", .timeLimit(.minutes(1)))
struct DepartureTests {
    private static func connections(_ client: SocketClient) async throws -> Int64? {
        try await client.call("server.status")["result"]?["connections"]?.integerValue
    }

    @Test("one whose waits take all its places is let go of, and so are those behind it")
    func waits() async throws {
        try await TestServer.with { server in
            let observer = try server.connect()
            for _ in 0..<5 {
                let client = try server.connect()
                for id in 0..<80 { client.request(id, "session.wait", ["until": ["sealed"]]) }
                // Answered once the first have been taken.
                #expect(client.write("\n"))
            }
            while try await Self.connections(observer) != 1 {}
        }
    }

    @Test("all that it sent before it went is carried out, whatever comes of the answers")
    func requests() async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile]) { server in
            let client = try server.connect()
            // More than may run at a time, each with an answer that nobody takes.
            for id in 0..<200 { client.request(id, "session.invalidate") }
            client.close()
            await profile.gate.reached(by: 200)
            let observer = try server.connect()
            while try await Self.connections(observer) != 1 {}
        }
    }

    @Test("a watcher that has gone does not keep the others from being told of the end")
    func shutdown() async throws {
        let server = try await TestServer([FakeProfile()])
        let halfClosed = try server.connect()
        _ = try await halfClosed.call("session.watch")
        halfClosed.endInput()
        var watchers: [SocketClient] = []
        for _ in 0..<4 {
            let watcher = try server.connect()
            _ = try await watcher.call("session.watch")
            watchers.append(watcher)
        }
        async let end: Void = server.server.shutdown()
        for watcher in watchers + [halfClosed] {
            let last = try await watcher.line()
            #expect(last?["method"] == "subscription.closed")
            #expect(last?["params"]?["reason"] == "shutdown")
            #expect(try await watcher.line() == nil)
        }
        await end
    }
}
