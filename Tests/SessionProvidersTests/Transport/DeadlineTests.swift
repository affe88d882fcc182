import DaemonProcess
import FakeServices
import Testing

@testable import SessionProviders

@Suite("The limit of a call", .timeLimit(.minutes(1)))
struct DeadlineTests {
    let fixture = TransportFixture()

    static let slow: [FakeAnswer] = [
        FakeAnswer(manner: .hang),
        // Head and one byte of two: the client's own deadline is over when the head has come.
        FakeAnswer(headers: ["content-length": "2"], body: [1]),
    ]

    @Test("a call ends at its limit, before the head and within the body", arguments: [0, 1])
    func limit(_ index: Int) async throws {
        let server = try await FakeHTTPServer.start { _ in Self.slow[index] }
        let upstream = fixture.upstream(server.baseURL, timeoutMs: 300)
        let took = await ContinuousClock().measure { #expect(await upstream.outcome() == "unreachable") }
        #expect(took >= .milliseconds(290))
        #expect(took < .seconds(20))
        #expect(server.requests.count == 1)
        await server.stop()
    }

    @Test("a shorter limit of one call counts, a longer one does not", arguments: [(3_600_000, 300), (300, 3_600_000)])
    func shorter(_ settings: Int64, _ call: Int64) async throws {
        let server = try await FakeHTTPServer.start { _ in FakeAnswer(manner: .hang) }
        let upstream = fixture.upstream(server.baseURL, timeoutMs: settings)
        await #expect(throws: UpstreamFailure.unreachable) {
            try await upstream.send(UpstreamRequest(.get, "/"), withinMs: call)
        }
        await server.stop()
    }

    @Test("no time is no call", arguments: [0, -1, Int64.min])
    func none(_ limit: Int64) async throws {
        let server = try await FakeHTTPServer.start { _ in FakeAnswer() }
        let upstream = fixture.upstream(server.baseURL)
        await #expect(throws: UpstreamFailure.unreachable) {
            try await upstream.send(UpstreamRequest(.get, "/"), withinMs: limit)
        }
        #expect(server.connectionCount == 0)
        await server.stop()
    }

    @Test("the longest number is no trap")
    func longest() async throws {
        let server = try await FakeHTTPServer.start { _ in FakeAnswer() }
        #expect(await fixture.upstream(server.baseURL, timeoutMs: .max).outcome() == "200")
        await server.stop()
    }

    @Test("cancellation ends a call, before the head and within the body", arguments: [0, 1])
    func cancellation(_ index: Int) async throws {
        let server = try await FakeHTTPServer.start { _ in Self.slow[index] }
        let upstream = fixture.upstream(server.baseURL, timeoutMs: 3_600_000)
        let call = Task { await upstream.outcome() }
        _ = await server.request(0)
        call.cancel()
        #expect(await call.value == "unreachable")
        await server.stop()
    }

    @Test("a cancelled task sends nothing")
    func cancelledBefore() async throws {
        let server = try await FakeHTTPServer.start { _ in FakeAnswer(manner: .hang) }
        let upstream = fixture.upstream(server.baseURL)
        let call = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await upstream.outcome()
        }
        #expect(await call.value == "unreachable")
        #expect(server.connectionCount == 0)
        await server.stop()
    }

    @Test("a handshake that stalls ends at the limit")
    func stalledHandshake() async throws {
        let server = try await RawServer.start("")
        let upstream = fixture.upstream("https://localhost:\(server.port)", timeoutMs: 300)
        #expect(await upstream.outcome() == "unreachable")
        await server.stop()
    }

    @Test("the end of the transport does not wait for a handshake that stalls")
    func shutDownWithinHandshake() async throws {
        let server = try await RawServer.start("")
        let upstream = fixture.upstream("https://localhost:\(server.port)", timeoutMs: 3_600_000)
        let call = Task { await upstream.outcome() }
        await server.connection()
        let took = await ContinuousClock().measure { await fixture.transport.shutDown() }
        #expect(took < .milliseconds(9500), "waited for the connect timeout of 10 s")
        #expect(await call.value == "unreachable")
        await server.stop()
    }

    @Test("an answer that is held back comes when it is let go")
    func held() async throws {
        let server = try await FakeHTTPServer.start { _ in FakeAnswer(body: [9], manner: .held) }
        let upstream = fixture.upstream(server.baseURL)
        let call = Task { try await upstream.send(UpstreamRequest(.get, "/")) }
        _ = await server.request(0)
        server.release()
        #expect(try await call.value.body == [9])
        await server.stop()
    }

    @Test("the end of the transport ends its calls, and no call comes after it")
    func shutDown() async throws {
        let server = try await FakeHTTPServer.start { _ in FakeAnswer(manner: .hang) }
        let upstream = fixture.upstream(server.baseURL)
        let call = Task { await upstream.outcome() }
        _ = await server.request(0)
        await fixture.transport.shutDown()
        #expect(await call.value == "unreachable")
        #expect(await upstream.outcome() == "unreachable")
        #expect(await fixture.upstream(server.baseURL).outcome() == "unreachable")
        await fixture.transport.shutDown()
        #expect(server.requests.count == 1)
        await server.stop()
    }

    @Test("a transport that nobody ends is no trap, with calls made or none", arguments: [0, 1])
    func forgotten(_ calls: Int) async throws {
        let server = try await FakeHTTPServer.start { _ in FakeAnswer() }
        weak var released: HTTPTransport?
        do {
            let transport = HTTPTransport(environment: [:], clock: SystemClock(), logger: fixture.log.logger)
            released = transport
            let upstream = transport.upstream(
                UpstreamSettings(baseURL: server.baseURL, caFile: nil, timeoutMs: 10_000))
            for _ in 0..<calls { #expect(await upstream.outcome() == "200") }
        }
        #expect(released == nil)
        await server.stop()
    }
}
