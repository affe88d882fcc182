import FakeServices
import SessionCore
import Testing

@testable import SessionProviders

@Suite("Through a proxy", .timeLimit(.minutes(1)))
struct ProxyTests {
    @Test("https goes through CONNECT, and is checked against the service's name")
    func tunnel() async throws {
        let server = try await FakeHTTPServer.start(tls: .elsewhere) { _ in FakeAnswer() }
        let proxy = try await FakeProxy.start(to: server.port)
        let fixture = TransportFixture(environment: ["https_proxy": "http://kari:p%40ss@127.0.0.1:\(proxy.port)"])
        let caFile = try fixture.write("ca.pem", FakeCertificates.authority)
        let request = UpstreamRequest(.get, "/v1", headers: ["Authorization": "Basic abc"])
        #expect(await fixture.upstream("https://service.example", caFile: caFile).outcome(request) == "200")
        let connect = try #require(proxy.requests.first)
        #expect(connect.verb == "CONNECT")
        #expect(connect.path == "service.example:443")
        #expect(connect.headers["proxy-authorization"] == "Basic a2FyaTpwQHNz")
        #expect(connect.headers["authorization"] == nil)
        let seen = try #require(server.requests.first)
        #expect(seen.path == "/v1")
        #expect(seen.headers["host"] == "service.example")
        #expect(seen.headers["proxy-authorization"] == nil)
        // Same proxy and certificate, another name.
        #expect(await fixture.upstream("https://other.example", caFile: caFile).outcome() == "untrusted")
        await server.stop()
        await proxy.stop()
    }

    @Test("a proxy that gives no tunnel", arguments: [403, 407, 502])
    func refused(_ status: Int) async throws {
        let proxy = try await FakeProxy.start(to: 1, status: status)
        let fixture = TransportFixture(environment: ["HTTPS_PROXY": "127.0.0.1:\(proxy.port)"])
        #expect(await fixture.upstream("https://service.example").outcome() == "unreachable")
        #expect(proxy.requests.count == 1)
        await proxy.stop()
    }

    @Test("http is asked for with the whole URL, the proxy's password beside")
    func forward() async throws {
        let proxy = try await FakeHTTPServer.start { _ in FakeAnswer(body: [5]) }
        let fixture = TransportFixture(environment: ["http_proxy": "http://kari:secret@127.0.0.1:\(proxy.port)/"])
        for base in ["http://service.example", "http://service.example:8080/base", "http://[2001:db8::1]:81"] {
            let answer = try await fixture.upstream(base).send(UpstreamRequest(.get, "/v1?a=b"))
            #expect(answer.body == [5])
        }
        #expect(
            proxy.requests.map(\.path) == [
                "http://service.example/v1", "http://service.example:8080/base/v1", "http://[2001:db8::1]:81/v1",
            ])
        #expect(
            proxy.requests.map { $0.headers["host"] } == [
                "service.example", "service.example:8080", "[2001:db8::1]:81",
            ])
        #expect(proxy.requests.allSatisfy { $0.headers["proxy-authorization"] == "Basic a2FyaTpzZWNyZXQ=" })
        #expect(proxy.requests.allSatisfy { $0.query == ["a": "b"] })
        await proxy.stop()
    }

    @Test("that the proxy wants a password is no answer of the service's")
    func forwardRefused() async throws {
        let proxy = try await FakeHTTPServer.start { _ in FakeAnswer(status: 407) }
        let fixture = TransportFixture(environment: ["http_proxy": "http://127.0.0.1:\(proxy.port)"])
        #expect(await fixture.upstream("http://service.example").outcome() == "unreachable")
        await proxy.stop()
    }

    @Test("this machine is never asked for through a proxy")
    func loopback() async throws {
        let server = try await FakeHTTPServer.start { _ in FakeAnswer() }
        let fixture = TransportFixture(environment: [
            "http_proxy": "http://127.0.0.1:1", "all_proxy": "http://127.0.0.1:1",
        ])
        #expect(await fixture.upstream(server.baseURL).outcome() == "200")
        #expect(await fixture.upstream("http://localhost:\(server.port)").outcome() == "200")
        await server.stop()
    }

    @Test("what we cannot use is said by name, without its password, and not gone around")
    func unusable() async throws {
        let fixture = TransportFixture(environment: ["ALL_PROXY": "socks5://kari:canary-pass@127.0.0.1:1080"])
        #expect(await fixture.upstream("https://service.example").outcome() == "unreachable")
        #expect(await fixture.upstream("http://service.example").outcome() == "unreachable")
        #expect(fixture.log.lines.count { $0.contains("warning") && $0.contains("ALL_PROXY") } == 1)
        #expect(!fixture.log.lines.joined().contains("canary-pass"))
    }
}

@Suite("Which proxy, if any")
struct ProxyRulesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var environment: [String: String]
        var https: String
        var http: String
        var testDescription: String {
            environment.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: " ")
        }

        init(_ environment: [String: String], https: String = "direct", http: String = "direct") {
            self.environment = environment
            self.https = https
            self.http = http
        }
    }

    @Test(
        "by the environment's variables",
        arguments: [
            Case([:]),
            Case(["https_proxy": "http://a:1"], https: "tunnel a:1"),
            Case(["HTTPS_PROXY": "http://a:1"], https: "tunnel a:1"),
            Case(["https_proxy": "http://a:1", "HTTPS_PROXY": "http://b:2"], https: "tunnel a:1"),
            Case(["https_proxy": "", "HTTPS_PROXY": "http://b:2"], https: "tunnel b:2"),
            Case(["http_proxy": "http://a:1"], http: "forward a:1"),
            Case(["HTTP_PROXY": "http://evil:1"]),
            Case(["HTTP_PROXY": "http://evil:1", "ALL_PROXY": "b:2"], https: "tunnel b:2", http: "forward b:2"),
            Case(["all_proxy": "http://a:1", "ALL_PROXY": "b:2"], https: "tunnel a:1", http: "forward a:1"),
            Case(["https_proxy": "c:3", "all_proxy": "http://a:1"], https: "tunnel c:3", http: "forward a:1"),
            Case(["https_proxy": "http://a"], https: "tunnel a:80"),
            Case(["https_proxy": "http://[2001:db8::7]:3128/"], https: "tunnel [2001:db8::7]:3128"),
            Case(["https_proxy": "http://u:p@a:1"], https: "tunnel a:1 u p"),
            Case(["https_proxy": "http://u@a:1"], https: "tunnel a:1 u "),
            Case(["https_proxy": "http://u%3A:p%3a%2F@a:1"], https: "unusable"),
            Case(["https_proxy": "u:p%3a%2F%40@a:1"], https: "tunnel a:1 u p:/@"),
            Case(["https_proxy": "https://a:1"], https: "unusable"),
            Case(["https_proxy": "socks5://a:1"], https: "unusable"),
            Case(["https_proxy": "http://a:1/path"], https: "unusable"),
            Case(["https_proxy": "http://a:0"], https: "unusable"),
            Case(["https_proxy": "http://a:99999"], https: "unusable"),
            Case(["https_proxy": "http://"], https: "unusable"),
            Case(["https_proxy": "a b"], https: "unusable"),
            Case(["all_proxy": "http://a:1", "no_proxy": "service.example"]),
            Case(["all_proxy": "http://a:1", "NO_PROXY": "service.example"]),
            Case(
                ["all_proxy": "http://a:1", "NO_PROXY": "service.example", "no_proxy": "x"], https: "tunnel a:1",
                http: "forward a:1"),
        ])
    func routes(_ row: Case) {
        let rules = ProxyRules(environment: row.environment)
        #expect(rules.route(isEncrypted: true, host: "service.example", port: 443).said == row.https)
        #expect(rules.route(isEncrypted: false, host: "service.example", port: 80).said == row.http)
    }

    @Test(
        "never to this machine",
        arguments: [
            ("localhost", true), ("LOCALHOST", true), ("localhost.", true), ("a.localhost", true), ("127.0.0.1", true),
            ("127.255.0.9", true), ("::1", true), ("::ffff:127.0.0.1", true), ("128.0.0.1", false), ("::2", false),
            ("notlocalhost", false), ("localhost.example", false), ("127.0.0.1.example", false), ("0.0.0.0", false),
        ])
    func loopback(_ host: String, _ isDirect: Bool) {
        let rules = ProxyRules(environment: ["all_proxy": "http://a:1"])
        #expect((rules.route(isEncrypted: true, host: host, port: 443) == .direct) == isDirect)
    }

    @Test(
        "not to the exceptions",
        arguments: [
            ("*", "any.example", 443, true), ("example.com", "example.com", 443, true),
            ("example.com", "EXAMPLE.com.", 443, true), ("Example.COM.", "example.com", 443, true),
            ("example.com", "a.example.com", 443, true), ("example.com", "notexample.com", 443, false),
            (".example.com", "a.b.example.com", 443, true), (".example.com", "example.com", 443, true),
            ("*.example.com", "a.example.com", 443, true), ("a.example.com", "example.com", 443, false),
            ("example.com:8443", "example.com", 8443, true), ("example.com:8443", "example.com", 443, false),
            ("*:8443", "any.example", 8443, true), ("*:8443", "any.example", 443, false),
            ("example.com:x", "example.com", 443, false), ("10.1.2.3", "10.1.2.3", 443, true),
            ("10.1.2.3", "10.1.2.30", 443, false), ("10.1.2.3:80", "10.1.2.3", 443, false),
            ("10.0.0.0/8", "10.200.3.4", 443, true), ("10.0.0.0/8", "11.0.0.1", 443, false),
            ("10.1.2.128/25", "10.1.2.129", 443, true), ("10.1.2.128/25", "10.1.2.127", 443, false),
            ("10.0.0.0/33", "10.0.0.0", 443, false), ("0.0.0.0/0", "8.8.8.8", 443, true),
            ("0.0.0.0/0", "2001:db8::1", 443, false), ("2001:db8::/32", "2001:db8:1::1", 443, true),
            ("2001:db8::/32", "2001:db9::1", 443, false), ("2001:DB8::1", "2001:db8:0::1", 443, true),
            ("[2001:db8::1]", "2001:db8::1", 443, true), ("[2001:db8::1]:8443", "2001:db8::1", 8443, true),
            ("[2001:db8::1]:8443", "2001:db8::1", 443, false), ("a.example, b.example", "b.example", 443, true),
            ("a.example b.example,,", "b.example", 443, true), ("3.4", "1.2.3.4", 443, false), ("", "a", 443, false),
            (".", "a", 443, false), (",", "a", 443, false), ("10.0.0.1/", "10.0.0.1", 443, false),
        ])
    func exceptions(_ list: String, _ host: String, _ port: Int, _ isException: Bool) {
        #expect(NoProxy(list).contains(host: host, port: port) == isException)
    }

    @Test("no description of a proxy holds its password")
    func secrecy() throws {
        let proxy = try #require(Proxy("http://kari:canary@a:1"))
        #expect(!"\(ProxyRules.Route.tunnel(proxy)) \(String(reflecting: proxy))".contains("canary"))
    }
}

extension ProxyRules.Route {
    fileprivate var said: String {
        func words(_ proxy: Proxy) -> String {
            proxy.authority + (proxy.user.map { " \($0) \(proxy.password?.reveal() ?? "")" } ?? "")
        }
        return switch self {
        case .direct: "direct"
        case .tunnel(let proxy): "tunnel \(words(proxy))"
        case .forward(let proxy): "forward \(words(proxy))"
        case .unusable: "unusable"
        }
    }
}
