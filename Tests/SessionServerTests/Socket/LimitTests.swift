import Glibc
import SessionCore
import SessionProtocol
import SessionServer
import Testing

@Suite("Limits")
struct LimitTests {
    private static func limits(_ edit: (inout Limits) -> Void) -> Limits {
        var limits = Limits()
        edit(&limits)
        return limits
    }

    @Test("at the limit of slow calls the server stops reading, and goes on when one is over")
    func inFlight() async throws {
        let profile = FakeProfile(gated: true)
        try await TestServer.with([profile], limits: Self.limits { $0.maxInFlight = 2 }) { server in
            let client = try server.connect()
            for id in 1...3 { client.request(id, "session.authenticate") }
            client.request(4, "server.ping")
            await profile.gate.reached(by: 2)
            let other = try server.connect()
            #expect(try await other.call("server.ping")["result"] != nil)
            #expect(profile.gate.arrivals == 2)
            profile.gate.open()
            var ids: Set<JSONValue> = []
            for _ in 0..<4 { ids.insert(try await client.next()["id"] ?? nil) }
            #expect(ids == [1, 2, 3, 4])
        }
    }

    @Test("the daemon's own connections are under no limit and are not counted")
    func own() async throws {
        let server = try await TestServer(
            [FakeProfile()], limits: Self.limits { $0.maxConnections = 0 }, ownProcess: getpid())
        do {
            let clients = try (0..<3).map { _ in try server.connect() }
            for client in clients {
                let status = try await client.call("server.status")["result"]
                #expect(status?["connections"] == 0)
                #expect(status?["counters"]?["connections"] == 0 && status?["counters"]?["requests"] == 0)
            }
        } catch {
            Issue.record(error)
        }
        await server.server.shutdown()
    }

    @Test("a connection too many gets one busy line and its end; a place that is free again is given")
    func connections() async throws {
        try await TestServer.with(limits: Self.limits { $0.maxConnectionsPerUser = 2 }) { server in
            let first = try server.connect()
            _ = try await first.call("server.ping")
            do {
                let second = try server.connect()
                _ = try await second.call("server.ping")
                let third = try server.connect()
                let refusal = try await third.next()
                #expect(refusal.kind == "busy")
                #expect(refusal["id"] == JSONValue.null)
                #expect(refusal["error"]?["data"]?["limit"] == 2)
                #expect(try await third.line() == nil)
            }
            var status: JSONValue? = nil
            for _ in 0..<10_000 where status != 1 {
                status = try await first.call("server.status")["result"]?["connections"]
            }
            #expect(try await server.connect().call("server.ping")["result"] != nil)
        }
    }

    @Test("subscriptions of a connection are limited; ending one makes room")
    func subscriptions() async throws {
        try await TestServer.with(limits: Self.limits { $0.maxSubscriptions = 2 }) { server in
            let client = try server.connect()
            for _ in 0..<2 { _ = try await client.call("session.watch") }
            #expect(try await client.call("session.watch").kind == "tooManySubscriptions")
            _ = try await client.call("session.unwatch", ["subscription": "s1"])
            #expect(try await client.call("session.watch")["result"]?["subscription"] == "s3")
        }
    }

    @Test("eight bad lines in a row get their errors, then the end")
    func badLines() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            client.write(String(repeating: "{]\n", count: 9))
            for _ in 0..<8 { #expect(try await client.next().kind == "parseError") }
            #expect(try await client.line() == nil)
        }
    }

    @Test("a line at the limit is read; one byte more is refused and ends the connection")
    func lineLength() async throws {
        try await TestServer.with(limits: Self.limits { $0.maxRequestBytes = 200 }) { server in
            let client = try server.connect()
            let head = #"{"jsonrpc":"2.0","id":1,"method":"server.ping","params":{"a":""#
            let line = head + String(repeating: "x", count: 200 - head.utf8.count - 3) + "\"}}"
            client.write(line + "\r\n")
            #expect(try await client.next()["id"] == 1)
            client.write(line + " \n")
            let refusal = try await client.next()
            #expect(refusal.kind == "lineTooLong")
            #expect(refusal["error"]?["data"]?["limit"] == 200)
            #expect(try await client.line() == nil)
        }
    }

    @Test("a line that stays unfinished ends the connection; an idle one stays")
    func partialLine() async throws {
        try await TestServer.with(limits: Self.limits { $0.partialLineTimeoutMs = 50 }) { server in
            let idle = try server.connect()
            let client = try server.connect()
            client.write("{\"jsonrpc\"")
            #expect(try await client.line() == nil)
            #expect(try await idle.call("server.ping")["result"] != nil)
        }
    }

    @Test("output that nobody reads ends the connection, and only that one")
    func stuckOutput() async throws {
        let profile = FakeProfile()
        profile.publish { snapshot, _ in
            snapshot.objects["user"] = .available(.string(String(repeating: "x", count: 100_000)), lastValidatedAt: nil)
        }
        try await TestServer.with([profile], limits: Self.limits { $0.stuckOutputTimeoutMs = 100 }) { server in
            let stuck = try server.connect()
            for id in 1...40 { stuck.request(id, "session.get") }
            let other = try server.connect()
            var closed: JSONValue? = nil
            for _ in 0..<100_000 where closed != 1 {
                closed = try await other.call("server.status")["result"]?["counters"]?["closedStuck"]
            }
            #expect(closed == 1)
        }
    }

    @Test("an answer that does not fit into a line becomes an error, in a batch too")
    func replyTooLong() async throws {
        let profile = FakeProfile()
        profile.publish { snapshot, _ in
            snapshot.objects["user"] = .available(.string(String(repeating: "x", count: 40_000)), lastValidatedAt: nil)
        }
        try await TestServer.with([profile], limits: Self.limits { $0.maxReplyBytes = 60_000 }) { server in
            let client = try server.connect()
            client.write(
                #"[{"jsonrpc":"2.0","id":1,"method":"session.get"},{"jsonrpc":"2.0","id":2,"method":"session.get"}]"#
                    + "\n")
            let answers = try #require(try await client.next().arrayValue)
            #expect(answers.map(\.kind) == [nil, "invalidRequest"])
            profile.publish { snapshot, _ in
                snapshot.objects["access"] = .available(
                    .string(String(repeating: "x", count: 40_000)), lastValidatedAt: nil)
            }
            #expect(try await client.call("session.get").kind == "invalidRequest")
            #expect(try await client.call("session.watch").kind == "invalidRequest")
        }
    }

    @Test("many requests in one write are answered in order and whole")
    func pipelined() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            async let written = Task {
                for start in stride(from: 0, to: 5_000, by: 100) {
                    var text = ""
                    for id in start..<start + 100 {
                        text += "{\"jsonrpc\":\"2.0\",\"id\":\(id),\"method\":\"session.get\"}\n"
                    }
                    client.write(text)
                }
            }.value
            for id in 0..<5_000 { #expect(try await client.next()["id"] == .integer(Int64(id))) }
            await written
        }
    }
}
