import SessionProtocol
import Testing
import WireVectors

@Suite("The wire vectors")
struct WireVectorTests {
    static func replies(to pieces: [ArraySlice<UInt8>]) throws -> (replies: [JSONValue], isClosed: Bool) {
        var server = ModelServer()
        for piece in pieces { server.receive(piece.span) }
        let replies = try server.output.bytes.split(separator: UInt8(ascii: "\n")).map {
            try JSONValue.parse(Array($0))
        }
        return (replies, server.isClosed)
    }

    @Test("are answered as they say", arguments: try WireVector.all())
    func whole(_ vector: WireVector) throws {
        let (replies, isClosed) = try Self.replies(to: [vector.send[...]])
        #expect(vector.isAnswered(by: replies), "\(replies.map { String(decoding: $0.encoded, as: UTF8.self) })")
        #expect(isClosed == vector.closes)
    }

    @Test("are answered the same, wherever the bytes are cut", arguments: try WireVector.all())
    func cut(_ vector: WireVector) throws {
        // Every place of a short vector; of a long one the places around its ends and its line feeds.
        let count = vector.send.count
        let feeds = vector.send.indices.filter { vector.send[$0] == UInt8(ascii: "\n") }
        let places =
            count < 600
            ? Set(0...count)
            : Set((feeds + [0, count]).flatMap { $0 - 3...$0 + 3 }.filter { (0...count).contains($0) })
        for place in places.sorted() {
            let (replies, isClosed) = try Self.replies(to: [vector.send[..<place], vector.send[place...]])
            #expect(vector.isAnswered(by: replies) && isClosed == vector.closes, "cut at \(place)")
        }
        let single = try Self.replies(to: vector.send.indices.map { vector.send[$0...$0] })
        #expect(vector.isAnswered(by: single.replies) && single.isClosed == vector.closes, "a byte at a time")
    }

    @Test("have names of their own and are many")
    func names() throws {
        let vectors = try WireVector.all()
        #expect(Set(vectors.map(\.name)).count == vectors.count)
        #expect(vectors.count > 150)
    }

    @Test("a reply too many, too few or different is noticed")
    func comparison() throws {
        let vector = try #require(try WireVector.all().first { $0.name == "a batch of two" })
        let right = try Self.replies(to: [vector.send[...]]).replies
        #expect(vector.isAnswered(by: right))
        #expect(!vector.isAnswered(by: []))
        #expect(!vector.isAnswered(by: right + right))
        #expect(!vector.isAnswered(by: [["jsonrpc": "2.0", "id": 1, "result": [:]]]))
        let error = RPCError.parseError(position: 0).json
        #expect(!vector.isAnswered(by: [["jsonrpc": "2.0", "id": nil, "error": error]]))
    }
}
