import FakeServices
import FoundationEssentials
import Testing

@testable import SessionProviders

@Suite("Which certificates are trusted", .timeLimit(.minutes(1)))
struct TrustTests {
    let fixture = TransportFixture()

    @Test("one of an authority in caFile, for its name")
    func trusted() async throws {
        let server = try await FakeHTTPServer.start(tls: .localhost) { _ in FakeAnswer() }
        #expect(await (try fixture.trusting(server)).outcome() == "200")
        await server.stop()
    }

    @Test("by its address too")
    func address() async throws {
        let server = try await FakeHTTPServer.start(tls: .localhost) { _ in FakeAnswer() }
        let caFile = try fixture.write("ca.pem", FakeCertificates.authority)
        #expect(await fixture.upstream("https://127.0.0.1:\(server.port)", caFile: caFile).outcome() == "200")
        await server.stop()
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var tls: FakeTLS
        var authority: String?
    }

    @Test(
        "none that is wrong in any way",
        arguments: [
            Case(testDescription: "unknown authority", tls: .localhost, authority: nil),
            Case(testDescription: "another authority", tls: .localhost, authority: FakeCertificates.stranger),
            Case(testDescription: "expired", tls: .expired, authority: FakeCertificates.authority),
            Case(testDescription: "another name", tls: .elsewhere, authority: FakeCertificates.authority),
        ])
    func refused(_ wrong: Case) async throws {
        let server = try await FakeHTTPServer.start(tls: wrong.tls) { _ in FakeAnswer() }
        let caFile = try wrong.authority.map { try fixture.write("ca.pem", $0) }
        let request = UpstreamRequest(.get, "/", headers: ["Authorization": "Basic abc"], isRepeatable: true)
        #expect(await fixture.upstream(server.baseURL, caFile: caFile).outcome(request) == "untrusted")
        #expect(server.requests.isEmpty, "the secret went to a stranger")
        #expect(server.connectionCount == 1)
        await server.stop()
    }

    @Test(
        "a caFile that cannot be used sends nothing", arguments: [nil, "", "no PEM", "-----BEGIN CERTIFICATE-----\nAA"])
    func unusable(_ text: String?) async throws {
        let server = try await FakeHTTPServer.start(tls: .localhost) { _ in FakeAnswer() }
        let caFile = fixture.folder.path("ca.pem")
        if let text { _ = try fixture.write("ca.pem", text) }
        #expect(await fixture.upstream(server.baseURL, caFile: caFile).outcome() == "untrusted")
        #expect(server.connectionCount == 0)
        await server.stop()
    }

    @Test("nor one that is a folder or has no end", arguments: ["/", "/dev/zero", "/dev/null"])
    func noFile(_ path: String) async throws {
        let server = try await FakeHTTPServer.start(tls: .localhost) { _ in FakeAnswer() }
        #expect(await fixture.upstream(server.baseURL, caFile: path).outcome() == "untrusted")
        await server.stop()
    }

    @Test("a caFile is looked at again after a failure and after each change")
    func mended() async throws {
        let server = try await FakeHTTPServer.start(tls: .localhost) { _ in
            FakeAnswer(headers: ["connection": "close"])
        }
        let upstream = fixture.upstream(server.baseURL, caFile: fixture.folder.path("ca.pem"))
        #expect(await upstream.outcome() == "untrusted")
        _ = try fixture.write("ca.pem", "not yet")
        #expect(await upstream.outcome() == "untrusted")
        _ = try fixture.write("ca.pem", FakeCertificates.stranger)
        #expect(await upstream.outcome() == "untrusted")
        _ = try fixture.write("ca.pem", FakeCertificates.stranger + "\n" + FakeCertificates.authority + "\n")
        #expect(await upstream.outcome() == "200")
        _ = try fixture.write("ca.pem", FakeCertificates.stranger)
        #expect(await upstream.outcome() == "untrusted")
        try FileManager.default.removeItem(atPath: fixture.folder.path("ca.pem"))
        #expect(await upstream.outcome() == "untrusted")
        await server.stop()
    }

    @Test("a connection kept under an earlier trust does not serve a later one")
    func keptConnection() async throws {
        let server = try await FakeHTTPServer.start(tls: .localhost) { _ in FakeAnswer() }
        let upstream = try fixture.trusting(server)
        #expect(await upstream.outcome() == "200")
        _ = try fixture.write("ca.pem", FakeCertificates.stranger)
        #expect(await upstream.outcome() == "untrusted")
        #expect(await fixture.upstream(server.baseURL).outcome() == "untrusted")
        #expect(server.requests.count == 1)
        await server.stop()
    }

    @Test("plain http needs no caFile, and a broken one does not matter to it")
    func plain() async throws {
        let server = try await FakeHTTPServer.start { _ in FakeAnswer() }
        #expect(await fixture.upstream(server.baseURL, caFile: "/nowhere").outcome() == "200")
        await server.stop()
    }

    @Test("TLS before 1.2 is not spoken; that is no matter of trust")
    func oldTLS() async throws {
        var old = FakeTLS.localhost
        old.speaksModernTLS = false
        let server = try await FakeHTTPServer.start(tls: old) { _ in FakeAnswer() }
        #expect(await (try fixture.trusting(server)).outcome() == "unreachable")
        #expect(server.requests.isEmpty)
        await server.stop()
    }

    @Test("a handshake that is cut short or answered in plain text is no matter of trust", arguments: [true, false])
    func noHandshake(_ closes: Bool) async throws {
        let server = try await RawServer.start(closes ? "" : "HTTP/1.1 400 Bad Request\r\n\r\n", closes: closes)
        #expect(await fixture.upstream("https://localhost:\(server.port)").outcome() == "unreachable")
        await server.stop()
    }
}
