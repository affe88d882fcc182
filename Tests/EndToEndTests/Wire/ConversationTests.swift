import SessionProtocol
import Testing

extension Wire {
    @Suite("Conversations over the real socket", .timeLimit(.minutes(1)))
    struct ConversationTests {
        /// A request that is answered when somebody signs in, and not before.
        private static let wait: JSONValue = ["until": ["active"]]

        @Test("a batch is answered by one array when all of it is done; what refuses a batch refuses it whole")
        func batches() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            let requests: [JSONValue] = [
                WireConnection.request(1, "session.wait", Self.wait), WireConnection.request(nil, "server.ping"),
                WireConnection.request("b", "server.ping", ["x": 1]), WireConnection.request(3, "no.such"), 17,
            ]
            connection.send(JSONValue.array(requests).encoded + [0x0A])
            connection.send(9, "server.ping")
            #expect(try await connection.line()?["id"] == 9)
            try await daemon.connect().signIn()
            let replies = try #require(try await connection.line()?.arrayValue)
            #expect(Set(replies.map { $0["id"] }) == [1, "b", 3, .null])
            #expect(replies.first { $0["id"] == 1 }?["result"]?["phase"] == "active")
            for refused: JSONValue in [
                [], [WireConnection.request(1, "session.watch")],
                .array((0..<33).map { WireConnection.request(.integer($0), "server.ping") }),
            ] {
                connection.send(refused.encoded + [0x0A])
                let reply = try #require(try await connection.line())
                #expect(reply["id"] == .null)
                #expect(reply["error"]?["data"]?["kind"] == "invalidRequest")
            }
        }

        @Test("after a half-close what was started is finished, answered and flushed, and then comes the end")
        func halfClose() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            connection.send(1, "session.wait", Self.wait)
            connection.send("a", "authority.users")
            connection.endInput()
            #expect(try await connection.line()?["id"] == "a")
            try await daemon.connect().signIn()
            #expect(try await connection.line()?["result"]?["phase"] == "active")
            #expect(try await connection.line() == nil)
        }

        @Test("a watch keeps a half-closed connection")
        func halfClosedWatch() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            try await connection.call("session.watch")
            connection.endInput()
            try await daemon.connect().signIn()
            #expect(try await connection.state { $0["phase"] == "active" }["profile"] == "default")
        }

        @Test("a disconnect does not cancel a change that has started")
        func disconnect() async throws {
            let daemon = try await DaemonProcess.start()
            let watcher = try daemon.connect()
            try await watcher.call("session.watch")
            do {
                let connection = try daemon.connect()
                let grant = try await connection.call("authority.grant", ["username": .string(Seed.username)])
                var params: [String: JSONValue] = [:]
                params["accessToken"] = grant["accessToken"]
                connection.send(nil, "session.exchange", .object(params))
                // Answered after the notification before it was read.
                try await connection.call("server.ping")
            }
            #expect(try await watcher.state { $0["phase"] == "active" }["cause"]?["kind"] == "signedIn")
        }

        @Test("a cancelled call gets exactly one answer, which says so; what is over cannot be cancelled")
        func cancel() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            connection.send("w", "session.wait", Self.wait)
            #expect(try await connection.reply("server.cancel", ["id": "nobody"])["result"] == ["cancelled": false])
            connection.send("c", "server.cancel", ["id": "w"])
            let replies = [try await connection.line(), try await connection.line()]
            let cancelled = replies.first { $0?["id"] == "w" } ?? nil
            #expect(cancelled?["error"]?["code"] == -32800)
            #expect(cancelled?["error"]?["data"]?["kind"] == "cancelled")
            #expect(replies.contains { $0?["id"] == "c" && $0?["result"] == ["cancelled": true] })
            #expect(try await connection.reply("server.cancel", ["id": "w"])["result"] == ["cancelled": false])
            connection.endInput()
            #expect(try await connection.rest().isEmpty)
        }

        @Test("timeoutMs bounds a call and names itself in the error")
        func timeout() async throws {
            let daemon = try await DaemonProcess.start()
            let failure = try await daemon.connect().failure("session.wait", ["until": ["active"], "timeoutMs": 30])
            #expect(failure.code == 1004)
            #expect(failure.kind == "deadlineExceeded")
            #expect(failure.data["timeoutMs"] == 30)
        }

        @Test("at 32 slow calls the daemon stops reading, and goes on when one is over; others notice nothing")
        func backPressure() async throws {
            let daemon = try await DaemonProcess.start()
            let full = try daemon.connect()
            for id in 0..<31 { full.send(.integer(Int64(id)), "session.wait", Self.wait) }
            full.send("last", "session.wait", ["until": ["active"], "timeoutMs": 700])
            full.send("after", "server.ping")
            // The daemon has read what this connection sent before: the other's answer comes from the same loop.
            let other = try daemon.connect()
            for _ in 0..<10 { try await other.call("server.ping") }
            #expect(try await full.line()?["id"] == "last")
            #expect(try await full.line()?["id"] == "after")
            try await other.signIn()
            var answered: Set<JSONValue> = []
            for _ in 0..<31 { answered.insert(try #require(try await full.line()?["id"])) }
            #expect(answered.count == 31)
        }

        @Test("a batch whose entries had to wait for room does not hold up the lines behind it")
        func batchBackPressure() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            for id in 0..<31 { connection.send(.integer(Int64(id)), "session.wait", Self.wait) }
            let batch: JSONValue = [
                WireConnection.request("slow", "session.wait", ["until": ["active"], "timeoutMs": 100]),
                WireConnection.request("quick", "server.ping"),
            ]
            connection.send(batch.encoded + [0x0A])
            connection.send("after", "server.ping")
            #expect(try await connection.line()?.arrayValue?.count == 2)
            #expect(try await connection.line()?["id"] == "after")
        }

        @Test("an id that is in flight cannot be used again, and can be afterwards")
        func duplicateID() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            connection.send("w", "session.wait", Self.wait)
            connection.send("w", "server.ping")
            let refused = try #require(try await connection.line())
            #expect(refused["error"]?["data"]?["kind"] == "duplicateId")
            #expect(refused["id"] == .null)
            try await daemon.connect().signIn()
            #expect(try await connection.line()?["result"]?["phase"] == "active")
            connection.send("w", "server.ping")
            #expect(try await connection.line()?["result"] == [:])
        }

        @Test("each bad line gets its error; eight in a row end the connection, seven and a good one do not")
        func badLines() async throws {
            let daemon = try await DaemonProcess.start()
            let patient = try daemon.connect()
            for _ in 0..<3 {
                for _ in 0..<7 { patient.send("{\"secret canary\n") }
                patient.send(1, "server.ping")
                for _ in 0..<7 {
                    let reply = try #require(try await patient.line())
                    #expect(reply["error"]?["data"]?["kind"] == "parseError")
                    #expect(!String(decoding: reply.encoded, as: UTF8.self).contains("canary"))
                }
                #expect(try await patient.line()?["id"] == 1)
            }
            let hasty = try daemon.connect()
            for _ in 0..<8 { hasty.send("nonsense\n") }
            hasty.send(1, "server.ping")
            let replies = try await hasty.rest()
            #expect(replies.count == 8)
            #expect(replies.allSatisfy { $0["error"]?["code"] == -32700 })
        }

        @Test("a line of 65 536 bytes is read; one more byte is refused and ends the connection")
        func lineTooLong() async throws {
            let daemon = try await DaemonProcess.start()
            func line(_ count: Int) -> String {
                let head = #"{"jsonrpc":"2.0","id":1,"method":"server.ping","params":{"x":""#
                return head + String(repeating: "y", count: count - head.utf8.count - 3) + "\"}}\n"
            }
            let connection = try daemon.connect()
            connection.send(line(65_536))
            #expect(try await connection.line()?["result"]?["x"]?.stringValue?.hasPrefix("yyy") == true)
            connection.send(line(65_537))
            let refusal = try #require(try await connection.line())
            #expect(refusal["error"]?["data"]?["kind"] == "lineTooLong")
            #expect(refusal["error"]?["data"]?["limit"] == 65_536)
            #expect(refusal["id"] == .null)
            #expect(try await connection.line() == nil)
        }

        @Test("ten thousand pings in one pipeline are answered in order")
        func pipeline() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            let count = 10_000
            let lines = (0..<count).map { #"{"jsonrpc":"2.0","id":\#($0),"method":"server.ping"}"# + "\n" }.joined()
            async let sent = blocking { connection.send(lines) }
            for id in 0..<count {
                let answered = try await connection.line()?["id"]
                guard answered == .integer(Int64(id)) else {
                    Issue.record("after \(id) comes \(answered as Any)")
                    break
                }
            }
            #expect(try await sent)
        }
    }
}
