import SessionCore
import SessionProtocol
import SessionServer
import Synchronization
import Testing

/// A line that a connection has sent before, but for its id, is answered without being parsed. Nobody may notice.
@Suite("Reads that a client repeats")
struct RepetitionTests {
    private static func line(id: String, _ rest: String = #""method":"session.get""#) -> String {
        #"{"jsonrpc":"2.0","id":\#(id),\#(rest)}"#
    }

    /// Lines that differ from a learned one in little, and mean something else or nothing.
    private static let lines =
        [
            "0", "7", "8", "12345", "123456789012345", "9007199254740991", "9007199254740992", "1234567890123456789",
            "-7", "-0", "07", "00", "7.0", "7e0", "7E2", "+7", "", " 7", "7 ", "\"7\"", "null", "true", "[7]", "7,7",
            "7,\"id\":8",
        ].map { line(id: $0) }
        + [
            #""method":"session.get","params":{}"#, #""method":"session.get","params":{"profile":"default"}"#,
            #""method":"session.get","params":{"profile":"other"}"#,
            #""method":"session.get","params":{"profile":"nobody"}"#,
            #""method":"session.token","params":{"minValidMs":7}"#,
            #""method":"session.token","params":{"minValidMs":8}"#,
            #""method":"session.token","params":{"minValidMs":300001}"#, #""method":"user.get""#,
            #""method":"session.headers""#,
            #""method":"access.check","params":{"required":"reports:r"}"#,
            #""method":"access.check","params":{"required":"reports:w"}"#,
            #""method":"server.ping","params":{"id":7}"#, #""method":"server.ping","params":{"id":8}"#,
            #""method":"server.ping","params":["id"]"#, #""method":"no.such""#,
            #""method":"session.get","method":"session.get""#,
        ].map { line(id: "7", $0) }
        + [
            #"{"jsonrpc":"2.0","method":"session.get","id":7}"#, #"{"jsonrpc":"2.0","method":"session.get","id":8}"#,
            #"{"jsonrpc":"2.0","method":"session.get","id":8} "#, #"{"jsonrpc":"2.0","method":"session.get"}"#,
            #"{"jsonrpc":"2.0","method":"session.get","id":"#, #"[{"jsonrpc":"2.0","method":"session.get","id":7}]"#,
            #"  {"jsonrpc":"2.0","method":"session.get","id":7}"# + "\r",
        ]

    /// Asked for each line, so that an answer is known to be the last even where the line itself has none.
    private static let mark = #"{"jsonrpc":"2.0","id":"mark","method":"server.ping"}"#

    private static func answers(to line: String, on client: SocketClient) async throws -> [JSONValue] {
        client.write(line + "\n" + mark + "\n")
        var answers: [JSONValue] = []
        while true {
            let answer = try await client.next()
            if answer["id"] == "mark" { return answers }
            answers.append(answer)
        }
    }

    @Test("every line is answered as on a connection that has never seen one, in whatever order they come")
    func equivalence() async throws {
        var limits = Limits()
        limits.maxBadLines = 100
        let profiles = [FakeProfile(), FakeProfile("other")]
        profiles[0].publish { snapshot, session in
            snapshot.phase = .active
            session = ProviderSession(tokens: TokenSet(sessionToken: Secret("st")))
        }
        try await TestServer.with(profiles, limits: limits) { server in
            let experienced = try server.connect()
            var random = SeededGenerator(state: 0x5E55_10D)
            for _ in 0..<20 {
                let line = try #require(Self.lines.randomElement(using: &random))
                for line in [Self.lines[1], line, line, Self.lines[2], line] {
                    let seen = try await Self.answers(to: line, on: experienced)
                    let expected = try await Self.answers(to: line, on: server.connect())
                    #expect(seen == expected, "\(line)")
                }
            }
            for line in Self.lines {
                let seen = try await Self.answers(to: line, on: experienced)
                let again = try await Self.answers(to: line, on: experienced)
                let expected = try await Self.answers(to: line, on: server.connect())
                #expect(seen == expected && again == expected, "\(line)")
            }
        }
    }

    @Test("what is published between two of them is in the second")
    func news() async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile]) { server in
            let client = try server.connect()
            for phase in [Phase.signedOut, .active, .stale, .active] {
                profile.publish(phase: phase)
                #expect(try await client.call("session.get")["result"] == profile.publication.snapshot.json)
            }
        }
    }

    @Test("time that overtakes the published state is noticed")
    func time() async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile]) { server in
            let client = try server.connect()
            profile.publish(deadline: Deadline(wall: server.clock.now().wall + 1000, seenAt: server.clock.now())) {
                snapshot, _ in snapshot.phase = .active
            }
            for _ in 0..<3 { #expect(try await client.call("session.get")["result"]?.phase == "active") }
            server.clock.advance(ms: 1000)
            profile.script.withLock { $0.settlesTo = .signedOut }
            #expect(try await client.call("session.get")["result"]?.phase == "signedOut")
        }
    }

    @Test("a permission that is taken away counts for the next, and one that is given back too")
    func permissions() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            for policy in [TestServer.everything, TestServer.allowing([]), TestServer.allowing([.read])] {
                await server.server.update(policy: policy)
                for _ in 0..<2 {
                    let answer = try await client.call("session.get")
                    #expect(answer.kind == (policy == TestServer.allowing([]) ? "permissionDenied" : nil))
                }
            }
        }
    }

    @Test("a reload that names another default profile, replaces a keeper or removes one counts for the next")
    func profiles() async throws {
        let first = FakeProfile("a")
        let second = FakeProfile("b")
        let replacement = FakeProfile("b")
        replacement.publish(phase: .active)
        try await TestServer.with([first, second]) { server in
            let client = try server.connect()
            for (name, profiles, phase) in [
                ("a", [first, second], "signedOut"), ("b", [first, second], "signedOut"),
                ("b", [first, replacement], "active"), ("b", [first], nil),
            ] as [(String, [FakeProfile], String?)] {
                let directory = ProfileDirectory(defaultProfile: name, profiles: profiles)
                await server.server.update(directory: directory, authority: nil)
                for _ in 0..<2 {
                    let answer = try await client.call("session.get")
                    #expect(answer["result"]?["profile"]?.stringValue == (phase == nil ? nil : name))
                    #expect(answer["result"]?.phase == phase)
                    #expect(answer.kind == (phase == nil ? "profileNotFound" : nil))
                }
            }
        }
    }

    @Test("beside other lines, half lines and more than the output holds, they are answered in their order")
    func order() async throws {
        let profile = FakeProfile()
        var limits = Limits()
        // A busy machine may not come round to reading for long.
        limits.stuckOutputTimeoutMs = 600_000
        limits.partialLineTimeoutMs = 600_000
        try await TestServer.with([profile], limits: limits) { server in
            let client = try server.connect()
            for _ in 0..<2 { #expect(try await client.call("session.get")["result"] != nil) }
            // Some 600 KiB of answers, over the high-water mark and more than the socket takes at once.
            let repeats = (1...2000).map { Self.line(id: "\($0)") }
            let others = (2001...2003).map { Self.line(id: "\($0)", #""method":"server.ping""#) }
            let lines = repeats[..<1000] + others[..<2] + repeats[1000...] + others[2...]
            let bytes = lines.joined(separator: "\n") + "\n"
            let cut = bytes.index(bytes.startIndex, offsetBy: bytes.count / 3 + 7)
            client.write(String(bytes[..<cut]))
            client.write(String(bytes[cut...]))
            var ids: [JSONValue?] = []
            while ids.count < lines.count { ids.append(try await client.next()["id"]) }
            let expected = Array(1...1000) + [2001, 2002] + Array(1001...2000) + [2003]
            #expect(ids == expected.map { .integer(Int64($0)) })
        }
    }

    @Test("an id that is in flight is refused")
    func duplicate() async throws {
        let profile = FakeProfile(gated: true)
        try await TestServer.with([profile]) { server in
            let client = try server.connect()
            for _ in 0..<2 { #expect(try await client.call("session.get")["result"] != nil) }
            client.request(9_999, "session.authenticate")
            await profile.gate.reached(by: 1)
            client.request(9_999, "session.get")
            let refusal = try await client.next()
            #expect(refusal["id"] == .null)
            #expect(refusal.kind == "duplicateId")
            profile.gate.open()
            #expect(try await client.next()["id"] == 9_999)
            #expect(try await client.call("session.get")["result"] != nil)
        }
    }

    @Test("they are counted as requests, and their refusals as errors")
    func counters() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            func counters() async throws -> (requests: Int64, errors: Int64) {
                let counters = try #require(try await client.call("server.status")["result"]?["counters"])
                return (
                    try #require(counters["requests"]?.integerValue), try #require(counters["errors"]?.integerValue)
                )
            }
            let before = try await counters()
            for _ in 0..<5 { _ = try await client.call("session.token") }
            let after = try await counters()
            #expect(after.requests - before.requests == 6)
            #expect(after.errors - before.errors == 5)
        }
    }
}
