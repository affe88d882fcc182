import FakeServices
import Synchronization
import Testing

@testable import SessionProviders

@Suite("Where no answer comes", .timeLimit(.minutes(1)))
struct FailureTests {
    let fixture = TransportFixture()

    @Test("nobody listens: at once")
    func refused() async throws {
        let server = try await FakeHTTPServer.start { _ in FakeAnswer() }
        let upstream = fixture.upstream(server.baseURL)
        await server.stop()
        let took = await ContinuousClock().measure { #expect(await upstream.outcome() == "unreachable") }
        #expect(took < .seconds(10), "waited for its limit of 30 s")
    }

    @Test("no such name")
    func unknownName() async {
        #expect(await fixture.upstream("http://name.invalid").outcome() == "unreachable")
    }

    @Test("a body cut short is no answer", arguments: [0, 1, 99])
    func truncated(_ after: Int) async throws {
        let server = try await FakeHTTPServer.start { _ in
            FakeAnswer(body: Array(repeating: 7, count: 100), manner: .truncated(after: after))
        }
        #expect(
            await fixture.upstream(server.baseURL).outcome(.post("{}", repeatable: true)) == "unreachable")
        #expect(server.requests.count == 1, "an answer had begun: the request is not sent again")
        await server.stop()
    }

    @Test("chunks cut short are no answer")
    func truncatedChunks() async throws {
        let server = try await FakeHTTPServer.start { _ in
            FakeAnswer(
                headers: ["transfer-encoding": "chunked"], body: Array(repeating: 7, count: 100),
                manner: .truncated(after: 50))
        }
        #expect(await fixture.upstream(server.baseURL).outcome() == "unreachable")
        await server.stop()
    }

    @Test("a new connection that ends without a byte is not tried again", arguments: [true, false])
    func dropped(_ isRepeatable: Bool) async throws {
        let server = try await FakeHTTPServer.start { _ in FakeAnswer(manner: .drop) }
        #expect(
            await fixture.upstream(server.baseURL).outcome(.post("{}", repeatable: isRepeatable)) == "unreachable")
        #expect(server.requests.count == 1)
        await server.stop()
    }

    @Test("a kept connection that ends under a request: once more, where that does no harm", arguments: [true, false])
    func keptConnection(_ isRepeatable: Bool) async throws {
        let count = Mutex(0)
        let server = try await FakeHTTPServer.start { _ in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return FakeAnswer(manner: number == 2 ? .drop : .whole)
        }
        let upstream = fixture.upstream(server.baseURL)
        let request = UpstreamRequest.post("{}", repeatable: isRepeatable)
        #expect(await upstream.outcome(request) == "200")
        #expect(await upstream.outcome(request) == (isRepeatable ? "200" : "unreachable"))
        #expect(server.requests.count == (isRepeatable ? 3 : 2))
        #expect(server.connectionCount == (isRepeatable ? 2 : 1))
        await server.stop()
    }

    @Test("the same under TLS")
    func keptConnectionUnderTLS() async throws {
        let count = Mutex(0)
        let server = try await FakeHTTPServer.start(tls: .localhost) { _ in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return FakeAnswer(manner: number == 2 ? .drop : .whole)
        }
        let upstream = try fixture.trusting(server)
        for _ in 0..<2 { #expect(await upstream.outcome(.post("{}", repeatable: true)) == "200") }
        #expect(server.requests.count == 3)
        await server.stop()
    }

    @Test("once more is once: the second end is the answer")
    func keptTwice() async throws {
        let isFine = Mutex(true)
        let server = try await FakeHTTPServer.start { _ in FakeAnswer(manner: isFine.withLock { $0 } ? .whole : .drop) }
        let upstream = fixture.upstream(server.baseURL)
        #expect(await upstream.outcome() == "200")
        isFine.withLock { $0 = false }
        #expect(await upstream.outcome(.post("{}", repeatable: true)) == "unreachable")
        #expect(server.requests.count == 3)
        await server.stop()
    }

    @Test("an idle connection that the server has closed is no failure")
    func idleClosed() async throws {
        let server = try await FakeHTTPServer.start { _ in FakeAnswer() }
        let upstream = fixture.upstream(server.baseURL)
        for _ in 0..<20 {
            #expect(await upstream.outcome(.post("{}", repeatable: true)) == "200")
            await server.closeKeptConnections()
        }
        #expect(server.requests.count == 20)
        #expect(server.connectionCount == 20)
        await server.stop()
    }

    @Test("the largest body that is meant is taken", arguments: [true, false])
    func largest(_ isChunked: Bool) async throws {
        let body = [UInt8](repeating: 0x61, count: Upstream.largestBody)
        let server = try await FakeHTTPServer.start { _ in
            FakeAnswer(headers: isChunked ? ["transfer-encoding": "chunked"] : [:], body: body)
        }
        let answer = try await fixture.upstream(server.baseURL).send(UpstreamRequest(.get, "/"))
        #expect(answer.body.count == 768 << 10)
        await server.stop()
    }

    @Test("a larger one is refused: as announced, or when it passes the limit", arguments: [true, false])
    func tooLarge(_ isChunked: Bool) async throws {
        let body = [UInt8](repeating: 0x61, count: Upstream.largestBody + 1)
        let server = try await FakeHTTPServer.start { _ in
            FakeAnswer(headers: isChunked ? ["transfer-encoding": "chunked"] : [:], body: body)
        }
        let upstream = fixture.upstream(server.baseURL)
        #expect(await upstream.outcome() == "tooLarge")
        await server.stop()
    }

    @Test("an announced size is refused before a byte of it has come")
    func announced() async throws {
        // More is announced than is sent, and the connection stays open: only the announcement can end the call.
        let server = try await FakeHTTPServer.start { _ in
            FakeAnswer(headers: ["content-length": "\(Upstream.largestBody + 1)"], body: [1])
        }
        #expect(await fixture.upstream(server.baseURL).outcome() == "tooLarge")
        await server.stop()
    }

    @Test(
        "a server that does not speak HTTP",
        arguments: ["SSH-2.0-OpenSSH_9.2\r\n", "HTTP/9 nonsense\r\n\r\n", "\r\n\r\n"])
    func noHTTP(_ text: String) async throws {
        let server = try await RawServer.start(text)
        #expect(await fixture.upstream("http://127.0.0.1:\(server.port)", timeoutMs: 2_000).outcome() == "unreachable")
        await server.stop()
    }
}
