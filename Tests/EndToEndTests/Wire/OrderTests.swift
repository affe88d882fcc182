import SessionProtocol
import Testing

extension Wire {
    @Suite("The order of requests", .timeLimit(.minutes(1)))
    struct OrderTests {
        @Test("changes of one profile on one connection are carried out in the order in which they were sent")
        func changes() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            let grant = try await connection.call("authority.grant", ["username": .string(Seed.username)])
            try await connection.call("session.watch", ["topics": ["user"]])
            var lines =
                WireConnection.request(
                    "in", "session.exchange", ["accessToken": grant["accessToken"] ?? .null]
                ).encoded + [0x0A]
            let count: Int64 = 24
            for number in 0..<count {
                lines +=
                    WireConnection.request(
                        .integer(number), "user.update", ["user": ["n": .integer(number)]]
                    ).encoded + [0x0A]
            }
            lines += WireConnection.request("out", "session.invalidate").encoded + [0x0A]
            connection.send(lines)
            var revisions: [JSONValue: Int64] = [:]
            while revisions.count < Int(count) + 2, let line = try await connection.line() {
                guard let id = line["id"] else { continue }
                let snapshot = line["result"]?["snapshot"] ?? line["result"] ?? .null
                if let number = id.integerValue {
                    #expect(snapshot["objects"]?["user"]?["value"] == ["n": .integer(number)])
                }
                revisions[id] = try #require(snapshot["revision"]?.integerValue, "\(line)")
            }
            let sent: [JSONValue] = ["in"] + (0..<count).map { .integer($0) } + ["out"]
            let inOrder = sent.compactMap { revisions[$0] }
            #expect(inOrder == inOrder.sorted())
        }
    }
}
