import SessionCore
import SessionProtocol
import SessionServer
import Testing

@Suite("Stopping", .timeLimit(.minutes(1)))
struct ShutdownTests {
    @Test("watchers and waiters are told, changes refused, reads answered, started changes finished, then the end")
    func drain() async throws {
        let profile = FakeProfile(gated: true)
        let server = try await TestServer([profile])
        let client = try server.connect()
        _ = try await client.call("session.watch")
        client.request(1, "session.wait", ["until": ["locked"]])
        client.request(2, "session.authenticate")
        await profile.gate.reached(by: 1)
        async let stopped: Void = server.server.shutdown(within: .seconds(20))
        #expect(try await client.next()["params"] == ["subscription": "s1", "reason": "shutdown"])
        let waiter = try await client.next()
        #expect(waiter["id"] == 1)
        #expect(waiter.kind == "shuttingDown")
        #expect(try await client.call("session.clearLocal").kind == "shuttingDown")
        #expect(try await client.call("session.get")["result"] != nil)
        #expect(throws: SocketClient.Failure.self) { try server.connect() }
        profile.gate.open()
        #expect(try await client.next()["id"] == 2)
        #expect(try await client.line() == nil)
        await stopped
        #expect(server.folder.entries == ["s.sock.lock"])
        profile.publish(phase: .active)
    }

    @Test("a change that hangs does not keep the daemon past the deadline")
    func deadline() async throws {
        let profile = FakeProfile(gated: true)
        let server = try await TestServer([profile])
        let client = try server.connect()
        client.request(1, "session.authenticate")
        await profile.gate.reached(by: 1)
        // The change never ends, so that coming back at all is the deadline's doing.
        await server.server.shutdown(within: .milliseconds(50))
        #expect(try await client.line() == nil)
        profile.gate.open()
    }
}
