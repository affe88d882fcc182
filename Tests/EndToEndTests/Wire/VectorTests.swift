import SessionProtocol
import Testing
import WireVectors

extension Wire {
    @Suite("The wire's vectors against the real daemon", .timeLimit(.minutes(2)))
    struct VectorTests {
        @Test("each vector is answered as written, in one piece and byte by byte")
        func replay() async throws {
            let daemon = try await DaemonProcess.start()
            for vector in try WireVector.all() {
                let pieces: [[ArraySlice<UInt8>]] =
                    vector.send.count > 4096
                    ? [[vector.send[...]]] : [[vector.send[...]], vector.send.indices.map { vector.send[$0...$0] }]
                for pieces in pieces { try await check(vector, pieces, daemon) }
            }
        }

        @Test("where a line is split between two reads makes no difference")
        func split() async throws {
            let daemon = try await DaemonProcess.start()
            let barrier = try daemon.connect()
            let vectors = try WireVector.all().filter { $0.send.count < 200 && !$0.closes }
            for (number, vector) in vectors.enumerated() where number.isMultiple(of: 16) {
                for cut in 1..<vector.send.count {
                    try await check(vector, [vector.send[..<cut], vector.send[cut...]], daemon, barrier: barrier)
                }
            }
        }

        @Test("all vectors that leave the connection open can share it")
        func coalesced() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            let ping = WireConnection.request("between", "server.ping").encoded + [0x0A]
            var expected = 0
            // An ordinary line between two keeps the count of bad lines in a row low. A last line may lack its end.
            for vector in try WireVector.all()
            where !vector.closes && vector.send.count < 8192 && vector.send.last == 0x0A {
                connection.send(vector.send + ping)
                expected += vector.expect.count + 1
                // Two of them may use the same id, so that each is awaited.
                var replies: [JSONValue] = []
                while let line = try await connection.line(), line["id"] != "between" { replies.append(line) }
                while replies.count < vector.expect.count, let line = try await connection.line() {
                    replies.append(line)
                }
                #expect(vector.isAnswered(by: replies), "\(vector.name): \(replies)")
            }
            #expect(expected > 300)
        }

        /// A barrier makes the daemon read each piece before the next is sent: its one event loop answers both.
        private func check(
            _ vector: WireVector, _ pieces: [ArraySlice<UInt8>], _ daemon: DaemonProcess, barrier: WireConnection? = nil
        ) async throws {
            let connection = try daemon.connect()
            for piece in pieces {
                guard connection.send(Array(piece)) else { break }
                try await barrier?.call("server.ping")
            }
            connection.endInput()
            let replies = try await connection.rest()
            #expect(vector.isAnswered(by: replies), "\(vector.name) in \(pieces.count) pieces: \(replies)")
        }
    }
}
