import SessionProtocol
import Testing

@testable import SessionClient

@Suite("What a server may send", .timeLimit(.minutes(1)))
struct WireTests {
    @Test(
        "what is not the protocol breaks the connection with `malformedReply`, and the next call gets a new one",
        arguments: [
            "not JSON", "\u{FEFF}{}", "[]", "{}", "17", #"{"jsonrpc":"1.0","id":1,"result":{}}"#,
            #"{"jsonrpc":"2.0","id":"1","result":{}}"#, #"{"jsonrpc":"2.0","id":77,"result":{}}"#,
            #"{"jsonrpc":"2.0","id":1}"#, #"{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}"#,
            #"{"jsonrpc":"2.0","id":1,"error":{}}"#, #"{"jsonrpc":"2.0","id":1,"id":1,"result":{}}"#,
            #"{"jsonrpc":"2.0","method":"session.changed","params":{"subscription":"s","state":{}}}"#,
            #"{"jsonrpc":"2.0","method":"session.changed"}"#, #"{"jsonrpc":"2.0","method":"subscription.closed"}"#,
        ])
    func garbage(line: String) async throws {
        let daemon = try FakeDaemon()
        daemon.on("session.get") { $0.connection.send(line: line) }
        let client = try await daemon.client()
        let error = await #expect(throws: SessionError.self) { try await client.call("session.get") }
        #expect(error?.kind == .malformedReply)
        try await client.call("server.ping")
        #expect(daemon.opened == 2)
    }

    @Test(
        "what this version does not know is passed over",
        arguments: [
            "", " \t\r", #"{"jsonrpc":"2.0","method":"server.news","params":[1,2]}"#,
            #"{"jsonrpc":"2.0","method":"server.question","id":9}"#,
            #"{"jsonrpc":"2.0","method":"subscription.closed","params":{"subscription":"gone"}}"#,
        ])
    func unknown(line: String) async throws {
        let daemon = try FakeDaemon()
        daemon.on("session.get") { request in
            request.connection.send(line: line)
            request.answer(["known": true, "unknown": ["members": [1]]])
        }
        let client = try await daemon.client()
        #expect(try await client.call("session.get")["known"] == true)
        #expect(daemon.opened == 1)
    }

    @Test("a line of 1 MiB is read, one byte more is `malformedReply`", arguments: [0, 1])
    func longLine(excess: Int) async throws {
        let daemon = try FakeDaemon()
        daemon.on("session.get") { request in
            guard let id = request.id else { return }
            let empty: JSONValue = ["jsonrpc": "2.0", "id": id, "result": ""]
            let text = String(repeating: "x", count: (1 << 20) - empty.encoded.count + excess)
            request.connection.send(["jsonrpc": "2.0", "id": id, "result": .string(text)])
        }
        let client = try await daemon.client()
        if excess == 0 {
            let text = try #require(try await client.call("session.get").stringValue)
            #expect(text.utf8.count > 1_000_000)
        } else {
            let error = await #expect(throws: SessionError.self) { try await client.call("session.get") }
            #expect(error?.kind == .malformedReply)
        }
    }

    @Test("an answer that is cut at any byte is `unavailable`; whole, it counts although the end follows")
    func cuts() async throws {
        let daemon = try FakeDaemon()
        let whole = (["jsonrpc": "2.0", "id": 2, "result": ["n": 1]] as JSONValue).encoded.count + 1
        for count in 1...whole {
            daemon.budget(count)
            let client = try await daemon.client()
            if count < whole {
                await #expect(throws: SessionError.broken) { try await client.call("server.ping", ["n": 1]) }
            } else {
                #expect(try await client.call("server.ping", ["n": 1]) == ["n": 1])
            }
        }
    }

    @Test("a server that only stops writing is a server that is gone")
    func halfClose() async throws {
        let daemon = try FakeDaemon()
        daemon.on("session.get") { request in
            request.answer(["last": true])
            request.connection.finishWriting()
        }
        let client = try await daemon.client()
        #expect(try await client.call("session.get") == ["last": true])
        do { try await client.call("server.ping") } catch { try await client.call("server.ping") }
        #expect(daemon.opened == 2)
    }

    @Test("a connection over the server's limit says so")
    func busy() async throws {
        let daemon = try FakeDaemon()
        daemon.on("session.get") { request in
            request.connection.send([
                "jsonrpc": "2.0", "id": nil,
                "error": ["code": 1005, "message": "full", "data": ["kind": "busy", "retryable": true]],
            ])
            request.connection.drop()
        }
        let client = try await daemon.client()
        let error = await #expect(throws: SessionError.self) { try await client.call("session.get") }
        #expect(error?.kind == .busy)
        #expect(error?.isRetryable == true)
    }

    @Test("a result without the promised members is `malformedReply`")
    func shapes() async throws {
        let daemon = try FakeDaemon()
        daemon.on("session.get") { $0.answer(["profile": "default"]) }
        let client = try await daemon.client()
        let error = await #expect(throws: SessionError.self) { try await client.profile().snapshot() }
        #expect(error?.kind == .malformedReply)
    }

    @Test("words of newer daemons are read: a cause keeps its word, a phase is neither confirmed nor a sign-out")
    func newerWords() throws {
        for (session, phase) in [(Int64(1), Phase.stale), (nil, .loading)] {
            var json = try #require(Samples.snapshot(session: session).json.objectValue)
            json["phase"] = "hibernating"
            json["cause"] = ["kind": "teleported", "at": 5]
            let snapshot = try #require(Snapshot(json: .object(json)))
            #expect(snapshot.phase == phase)
            #expect(snapshot.cause.kind.rawValue == "teleported")
        }
    }
}
