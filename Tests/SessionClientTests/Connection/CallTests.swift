import SessionProtocol
import Testing

@testable import SessionClient

@Suite("Calls over one connection", .timeLimit(.minutes(1)))
struct CallTests {
    @Test("many calls are in flight at once, and each gets its own answer whatever the order")
    func pipelining() async throws {
        let daemon = try FakeDaemon()
        daemon.on("server.ping") { _ in }
        let client = try await daemon.client()
        let answers = try await withThrowingTaskGroup(of: (Int64, JSONValue).self) { group in
            for number in Int64(0)..<100 {
                group.addTask { (number, try await client.call("server.ping", ["n": .integer(number)])) }
            }
            var waiting: [FakeRequest] = []
            for await request in daemon.requests {
                waiting.append(request)
                if waiting.count == 100 { break }
            }
            for request in waiting.reversed() { request.answer(.object(request.params)) }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(answers.count == 100)
        for (number, answer) in answers { #expect(answer["n"]?.integerValue == number) }
        #expect(daemon.opened == 1)
    }

    @Test("slow calls stay below the number at which the server stops reading, so that others pass")
    func slowCalls() async throws {
        let daemon = try FakeDaemon()
        daemon.on("session.list") { _ in }
        let client = try await daemon.client()
        try await withThrowingTaskGroup(of: JSONValue.self) { group in
            for _ in 0..<40 { group.addTask { try await client.call("session.list") } }
            var waiting: [FakeRequest] = []
            for _ in 0..<31 { waiting.append(try #require(await daemon.next("session.list"))) }
            try await client.call("server.ping")
            #expect(await daemon.next("server.ping") != nil)
            for number in 0..<40 {
                waiting.removeFirst().answer([:])
                if number < 9 { waiting.append(try #require(await daemon.next("session.list"))) }
            }
            for try await answer in group { #expect(answer == [:]) }
        }
    }

    @Test("an error keeps its kind and its data")
    func errors() async throws {
        let daemon = try FakeDaemon()
        daemon.on("session.signIn") { $0.fail(1007, "upstreamRejected", ["reason": "invalid_credentials"]) }
        let client = try await daemon.client()
        let error = await #expect(throws: SessionError.self) {
            try await client.profile().signIn(.password(username: "ada", password: "wrong horse"))
        }
        #expect(error?.kind == .upstreamRejected)
        #expect(error?.reason == "invalid_credentials")
        #expect(error?.isRetryable == false)
    }

    @Test("a call in flight when the connection breaks fails and is not sent again")
    func noSilentRepetition() async throws {
        let daemon = try FakeDaemon()
        daemon.on("session.revoke") { $0.connection.drop() }
        let client = try await daemon.client()
        await #expect(throws: SessionError.broken) { try await client.call("session.revoke") }
        try await client.call("server.ping")
        var methods: [String] = []
        for await request in daemon.requests {
            methods.append(request.method)
            if request.method == "server.ping" { break }
        }
        #expect(methods == ["session.revoke", "server.ping"])
    }

    @Test("a call after a restart of the daemon goes over a new connection")
    func restart() async throws {
        let daemon = try FakeDaemon()
        let client = try await daemon.client()
        let before = try await client.profile().snapshot()
        try daemon.restart()
        // The client may find out about the end only by this call, which fails then.
        let after: Snapshot
        do { after = try await client.profile().snapshot() } catch { after = try await client.profile().snapshot() }
        #expect(before.instance != after.instance)
    }

    @Test("without a daemon a call fails at once, and works again when there is one")
    func absence() async throws {
        let daemon = try FakeDaemon()
        let client = try await daemon.client()
        daemon.stop()
        for _ in 0..<3 {
            let error = await #expect(throws: SessionError.self) { try await client.call("server.ping") }
            #expect(error?.kind == .unavailable)
        }
        try daemon.restart()
        try await client.call("server.ping")
    }

    @Test("a cancelled call throws at once, the server is told, and the late answer disturbs nothing")
    func cancellation() async throws {
        let daemon = try FakeDaemon()
        daemon.on("session.wait") { _ in }
        let client = try await daemon.client()
        let call = Task { try await client.profile().wait(until: .active) }
        let request = try #require(await daemon.next("session.wait"))
        call.cancel()
        await #expect(throws: SessionError.cancelled) { try await call.value }
        let cancel = try #require(await daemon.next("server.cancel"))
        #expect(cancel.id == nil)
        #expect(cancel.params["id"] == request.id)
        request.fail(-32800, "cancelled", retryable: true)
        #expect(try await client.call("server.ping", ["n": 1]) == ["n": 1])
        #expect(daemon.opened == 1)
    }

    @Test("a call of a task that is cancelled already is not sent")
    func cancelledBefore() async throws {
        let daemon = try FakeDaemon()
        let client = try await daemon.client()
        let call = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await client.call("session.revoke")
        }
        await #expect(throws: SessionError.cancelled) { try await call.value }
        try await client.call("server.ping")
        var first: String?
        for await request in daemon.requests {
            first = request.method
            break
        }
        #expect(first == "server.ping")
    }

    @Test("a request over the limit is refused before it is sent")
    func longRequest() async throws {
        let daemon = try FakeDaemon()
        let client = try await daemon.client()
        let text = String(repeating: "x", count: 65_536)
        let error = await #expect(throws: SessionError.self) {
            try await client.call("server.ping", ["text": .string(text)])
        }
        #expect(error?.kind == .lineTooLong)
        try await client.call("server.ping")
    }

    @Test("close ends calls in flight and calls to come")
    func closing() async throws {
        let daemon = try FakeDaemon()
        daemon.on("session.wait") { _ in }
        let client = try await daemon.client()
        let call = Task { try await client.profile().wait(until: .active) }
        _ = await daemon.next("session.wait")
        client.close()
        await #expect(throws: SessionError.closed) { try await call.value }
        await #expect(throws: SessionError.closed) { try await client.call("server.ping") }
    }

    @Test("nobody there is `unavailable`, and the message says what to do")
    func nobody() async throws {
        let error = await #expect(throws: SessionError.self) {
            try await SessionClient.connect(to: "/nonexistent/sessiond.sock")
        }
        #expect(error?.kind == .unavailable)
        #expect(error?.message == "sessiond does not run: nobody listens at /nonexistent/sessiond.sock")
    }
}
