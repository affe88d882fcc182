import Glibc
import Testing

@testable import SessionServer

@Suite("Output of a connection")
struct OutputBufferTests {
    @Test("what a peer has taken is not kept, though it never takes all")
    func bounded() throws {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        var output = OutputBuffer()
        var sink = [UInt8](repeating: 0, count: 64 * 1024)
        var (written, read) = (0, 0)
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 1000)
        while written < 20_000_000 {
            // Never empty: refilled to more than a socket takes.
            while output.count < 600_000 {
                output.append(line)
                written += line.count
            }
            guard case .broken = output.send(to: ends[0]) else {
                #expect(output.count > 0)
                #expect(output.room < 3_000_000)
                read += max(0, recv(ends[1], &sink, sink.count, 0))
                continue
            }
            Issue.record("the socket broke")
            return
        }
        while output.count > 0 {
            _ = output.send(to: ends[0])
            read += max(0, recv(ends[1], &sink, sink.count, 0))
        }
        while case let count = recv(ends[1], &sink, sink.count, 0), count > 0 { read += count }
        #expect(read == written)
    }

    @Test("numbers are written as they are", arguments: [0, 9, 10, -1, 1234, .max, .min] as [Int64])
    func decimals(number: Int64) throws {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        var output = OutputBuffer()
        output.append(decimal: number)
        _ = output.send(to: ends[0])
        var text = [UInt8](repeating: 0, count: 32)
        let count = recv(ends[1], &text, text.count, 0)
        #expect(String(decoding: text.prefix(count), as: UTF8.self) == "\(number)")
    }
}
