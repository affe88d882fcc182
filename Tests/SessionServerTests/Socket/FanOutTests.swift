import SessionCore
import SessionProtocol
import SessionServer
import Testing

/// The state that these tests publish is encoded by the test, which counts that, and puts in a member that no snapshot
/// has: who encoded the snapshot once more would send a state without it.
@Suite("One state for all who hear of it")
struct FanOutTests {
    private static let mark = #""encodedBy":"the test""#

    private static func marked(_ snapshot: Snapshot) -> [UInt8] {
        var members = snapshot.json.objectValue ?? [:]
        members["encodedBy"] = "the test"
        return JSONValue.object(members).encoded
    }

    private static func isMarked(_ line: [UInt8]) -> Bool { String(decoding: line, as: UTF8.self).contains(mark) }

    @Test("a change is encoded once for two thousand watches, of any topics, and each hears of it once")
    func watches() async throws {
        let profile = FakeProfile()
        var limits = Limits()
        limits.maxSubscriptions = 40
        try await TestServer.with([profile], limits: limits) { server in
            // Every fourth hears of nothing but the user, which stays as it is.
            let kinds: [JSONValue] = [[:], ["topics": ["phase"]], ["all": true], ["topics": ["user"]]]
            let clients = try (0..<50).map { _ in try server.connect() }
            for client in clients {
                for number in 0..<limits.maxSubscriptions { client.request(number, "session.watch", kinds[number % 4]) }
                _ = try await client.lines(limits.maxSubscriptions)
            }
            var encodings = 0
            let encode = { (snapshot: Snapshot) in
                encodings += 1
                return Self.marked(snapshot)
            }
            profile.publish(topics: ["phase"], encode: encode) { snapshot, _ in snapshot.phase = .active }
            for client in clients {
                let lines = try await client.lines(limits.maxSubscriptions * 3 / 4)
                let (marked, different) = (lines.count(where: Self.isMarked), Set(lines).count)
                #expect(marked == lines.count && different == lines.count)
                #expect(try await client.call("server.ping")["id"] == 9_999)
            }
            #expect(encodings == 1)
        }
    }

    @Test("whoever asks, watches or has waited gets the bytes of the publication, under any id")
    func replies() async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile]) { server in
            let client = try server.connect()
            client.request(1, "session.wait", ["until": ["active"]])
            // Answers may overtake each other: this one says that the wait has begun.
            _ = try await client.call("server.ping")
            var encodings = 0
            let encode = { (snapshot: Snapshot) in
                encodings += 1
                return Self.marked(snapshot)
            }
            profile.publish(encode: encode) { snapshot, _ in snapshot.phase = .active }
            let waited = try await client.lines(1)
            #expect(Self.isMarked(waited[0]))
            // The third of the same is a repeated read.
            for id in 2...4 { client.request(id, "session.get") }
            client.write(#"{"jsonrpc":"2.0","id":"five","method":"session.get"}"# + "\n")
            client.write(#"[{"jsonrpc":"2.0","id":6,"method":"session.get"}]"# + "\n")
            client.request(7, "session.wait", ["until": ["active"]])
            client.request(8, "session.watch")
            client.request(9, "session.watch", ["all": true])
            let lines = try await client.lines(8)
            for line in lines.map({ String(decoding: $0, as: UTF8.self) }) { #expect(line.contains(Self.mark)) }
            #expect(encodings == 1)
        }
    }

    @Test("a notification names the profile and the revision of its state, whatever the profile is called")
    func headings() async throws {
        let name = #"a "b" \c"#
        let profile = FakeProfile(name)
        try await TestServer.with([profile]) { server in
            let client = try server.connect()
            _ = try await client.call("session.watch", ["profile": .string(name)])
            profile.publish(phase: .active)
            let params = try await client.next()["params"]
            #expect(params?["profile"] == .string(name))
            #expect(params?["revision"] == params?["state"]?["revision"])
            #expect(params?["subscription"] == "s1")
        }
    }
}
