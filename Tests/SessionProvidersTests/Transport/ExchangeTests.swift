import FakeServices
import SessionProtocol
import Testing

@testable import SessionProviders

@Suite("An exchange over HTTP", .timeLimit(.minutes(1)))
struct ExchangeTests {
    let fixture = TransportFixture()

    @Test("verb, path, query, headers and body arrive as they were given, and little else")
    func exact() async throws {
        let server = try await FakeHTTPServer.start { _ in FakeAnswer() }
        let request = UpstreamRequest(
            .put, "/v1/a%20b?x=1%2F2&y=",
            headers: ["Content-Type": "application/json", "Authorization": "Basic abc=="],
            body: Array("{}".utf8))
        #expect(await fixture.upstream(server.baseURL + "/base").outcome(request) == "200")
        let seen = try #require(server.requests.first)
        #expect(seen.verb == "PUT")
        #expect(seen.path == "/base/v1/a%20b")
        #expect(seen.query == ["x": "1/2", "y": ""])
        #expect(
            seen.headers == [
                "host": "127.0.0.1:\(server.port)", "content-type": "application/json", "content-length": "2",
                "authorization": "Basic abc==", "accept": "application/json",
                "user-agent": "sessiond/\(ProductVersion.current)",
            ])
        #expect(seen.body == Array("{}".utf8))
        await server.stop()
    }

    @Test("an adapter's own User-Agent and Accept are left alone")
    func ownHeaders() async throws {
        let server = try await FakeHTTPServer.start { _ in FakeAnswer() }
        let request = UpstreamRequest(.get, "/", headers: ["user-agent": "other/1", "ACCEPT": "text/plain"])
        #expect(await fixture.upstream(server.baseURL).outcome(request) == "200")
        let seen = try #require(server.requests.first)
        #expect(seen.headers["user-agent"] == "other/1")
        #expect(seen.headers["accept"] == "text/plain")
        await server.stop()
    }

    @Test(
        "status, headers and body come back, whatever the status", arguments: [200, 204, 302, 401, 404, 429, 500, 599])
    func answers(_ status: Int) async throws {
        let server = try await FakeHTTPServer.start { _ in
            FakeAnswer(
                status: status, headers: ["Retry-After": "7", "X-Mixed": "Case"], body: status == 204 ? [] : [1, 2, 3])
        }
        let answer = try await fixture.upstream(server.baseURL).send(UpstreamRequest(.get, "/"))
        #expect(answer.status == status)
        #expect(answer.headers["retry-after"] == "7")
        #expect(answer.headers["x-mixed"] == "Case")
        #expect(answer.body == (status == 204 ? [] : [1, 2, 3]))
        await server.stop()
    }

    @Test("a redirect is an answer and is not followed", arguments: [301, 302, 303, 307, 308])
    func redirects(_ status: Int) async throws {
        let elsewhere = try await FakeHTTPServer.start { _ in FakeAnswer() }
        let target = elsewhere.baseURL
        let server = try await FakeHTTPServer.start { _ in
            FakeAnswer(status: status, headers: ["location": target + "/stolen"])
        }
        let request = UpstreamRequest(.get, "/", headers: ["Authorization": "Basic abc"], isRepeatable: true)
        #expect(await fixture.upstream(server.baseURL).outcome(request) == "\(status)")
        #expect(server.requests.count == 1)
        #expect(elsewhere.requests.isEmpty)
        await server.stop()
        await elsewhere.stop()
    }

    @Test("a cookie is not sent back")
    func cookies() async throws {
        let server = try await FakeHTTPServer.start { _ in FakeAnswer(headers: ["set-cookie": "a=b; Path=/"]) }
        let upstream = fixture.upstream(server.baseURL)
        for _ in 0..<2 { #expect(await upstream.outcome() == "200") }
        #expect(server.requests.count == 2)
        #expect(server.requests.allSatisfy { $0.headers["cookie"] == nil })
        await server.stop()
    }

    @Test("compression is not asked for, and an answer in it is not unpacked")
    func compression() async throws {
        let packed: [UInt8] = [0x1F, 0x8B, 8, 0]
        let server = try await FakeHTTPServer.start { _ in
            FakeAnswer(headers: ["content-encoding": "gzip"], body: packed)
        }
        let answer = try await fixture.upstream(server.baseURL).send(UpstreamRequest(.get, "/"))
        #expect(answer.body == packed)
        #expect(server.requests.allSatisfy { $0.headers["accept-encoding"] == nil })
        await server.stop()
    }

    @Test(
        "what would not stay inside its line is not sent, and not mended either",
        arguments: [
            UpstreamRequest(.get, "/", headers: ["Authorization": "Basic a\r\nX-Evil: 1"]),
            UpstreamRequest(.get, "/", headers: ["Authorization": "a\nb"]),
            UpstreamRequest(.get, "/", headers: ["Authorization": "a\u{0}b"]),
            UpstreamRequest(.get, "/", headers: ["Authorization": "a\u{7F}b"]),
            UpstreamRequest(.get, "/", headers: ["Bad Name": "1"]),
            UpstreamRequest(.get, "/", headers: ["Bad:Name": "1"]),
            UpstreamRequest(.get, "/", headers: ["Bäd": "1"]),
            UpstreamRequest(.get, "/", headers: ["": "1"]),
            UpstreamRequest(.get, "no-slash"),
            UpstreamRequest(.get, "/a b"),
            UpstreamRequest(.get, "/a\r\nX: 1"),
            UpstreamRequest(.get, "/a#b"),
            UpstreamRequest(.get, "/å"),
        ])
    func unsendable(_ request: UpstreamRequest) async throws {
        let server = try await FakeHTTPServer.start { _ in FakeAnswer() }
        #expect(await fixture.upstream(server.baseURL).outcome(request) == "unsendable")
        #expect(server.connectionCount == 0)
        await server.stop()
    }

    @Test("a base URL that is none sends nothing", arguments: ["", "nonsense", "ftp://a.example", "http://", "/v1"])
    func noURL(_ text: String) async {
        #expect(await fixture.upstream(text).outcome() == "unsendable")
    }

    @Test("one connection serves requests one after another")
    func keepAlive() async throws {
        let server = try await FakeHTTPServer.start { _ in FakeAnswer(body: [1]) }
        let upstream = fixture.upstream(server.baseURL)
        for _ in 0..<5 { #expect(await upstream.outcome(.post("{}")) == "200") }
        #expect(server.requests.count == 5)
        #expect(server.connectionCount == 1)
        await server.stop()
    }

    @Test("forty calls that hang do not hold up another to the same host")
    func starvation() async throws {
        let server = try await FakeHTTPServer.start { FakeAnswer(manner: $0.path == "/hang" ? .hang : .whole) }
        let upstream = fixture.upstream(server.baseURL)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<40 { group.addTask { _ = await upstream.outcome(UpstreamRequest(.get, "/hang")) } }
            _ = await server.request(39)
            #expect(await upstream.outcome(UpstreamRequest(.get, "/fine")) == "200")
            group.cancelAll()
        }
        await server.stop()
    }
}
