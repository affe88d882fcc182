import FakeServices
import Testing

@testable import SessionProviders

@Suite("Secrets stay inside the transport", .timeLimit(.minutes(1)))
struct TransportSecrecyTests {
    @Test("nothing of headers, bodies or a proxy's password is in the log or in a description")
    func canaries() async throws {
        let proxy = try await FakeHTTPServer.start { request in
            FakeAnswer(
                headers: ["x-token": "canary-answer-header"], body: Array("canary-answer-body".utf8),
                manner: request.path.hasSuffix("/drop") ? .drop : .whole)
        }
        let tunnel = try await FakeProxy.start(to: 1, status: 407)
        let fixture = TransportFixture(
            environment: [
                "http_proxy": "http://kari:canary-proxy@127.0.0.1:\(proxy.port)",
                "https_proxy": "http://kari:canary-proxy@127.0.0.1:\(tunnel.port)",
            ])
        var said: [String] = []
        func note(_ value: Any) { said += ["\(value)", String(reflecting: value)] }
        for (path, name) in [("/fine", "Authorization"), ("/drop", "Authorization"), ("/bad", "Bad Name")] {
            let request = UpstreamRequest(
                .post, path, headers: [name: "canary-header"], body: Array("canary-body".utf8))
            note(request)
            do { note(try await fixture.upstream("http://service.example").send(request)) } catch { note(error) }
            do { note(try await fixture.upstream("https://service.example").send(request)) } catch { note(error) }
        }
        #expect(!said.joined().contains("canary"))
        #expect(!fixture.log.lines.joined().contains("canary"))
        // The log works and says what it should: host and kind.
        #expect(fixture.log.lines.contains { $0.contains("service.example") && $0.contains("unreachable") })
        #expect(fixture.log.lines.contains { $0.contains("unsendable") })
        await proxy.stop()
        await tunnel.stop()
    }
}
