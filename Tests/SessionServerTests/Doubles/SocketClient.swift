import Foundation
import Glibc
import SessionProtocol
import Synchronization

/// A client of the real socket. A read waits on a thread of its own, for a bounded time: on a dispatch queue, as many
/// waiting clients as Dispatch has threads would leave none for the server's tasks, which they wait for.
final class SocketClient: Sendable {
    enum Failure: Error { case connect(Int32), noLine, read(Int32), notJSON }

    private let descriptor: CInt
    /// Bytes that were read and not handed out. Held during a read, so that lines are told in their order.
    private let buffer = Mutex<[UInt8]>([])

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        // Only bounds a failure: on a busy machine the whole suite shares a thread or two.
        var limit = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let number = errno
            Glibc.close(descriptor)
            throw Failure.connect(number)
        }
    }

    deinit { Glibc.close(descriptor) }

    /// Goes without a word. Nothing else may be done with this value.
    func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Writes bytes as they are; false where the peer does not take them any more.
    @discardableResult
    func write(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = send(
                    descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
    }

    func request(_ id: Int, _ method: String, _ params: JSONValue = [:]) {
        let line: JSONValue = [
            "jsonrpc": "2.0", "id": .integer(Int64(id)), "method": .string(method), "params": params,
        ]
        write(String(decoding: line.encoded, as: UTF8.self) + "\n")
    }

    func notify(_ method: String, _ params: JSONValue = [:]) {
        let line: JSONValue = ["jsonrpc": "2.0", "method": .string(method), "params": params]
        write(String(decoding: line.encoded, as: UTF8.self) + "\n")
    }

    /// The next line; nil at the end of the stream.
    func line() async throws -> JSONValue? {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try self.buffer.withLock { try self.readLine(&$0) } })
            }
        }
    }

    func next() async throws -> JSONValue {
        guard let line = try await line() else { throw Failure.noLine }
        return line
    }

    /// The answer to one request; what else comes before it is dropped.
    func call(_ method: String, _ params: JSONValue = [:]) async throws -> JSONValue {
        request(9_999, method, params)
        while let line = try await line() {
            if line["id"] == 9_999 { return line }
        }
        throw Failure.noLine
    }

    /// The next lines as they are, without their line feeds.
    func lines(_ count: Int) async throws -> [[UInt8]] {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try self.buffer.withLock { try self.readLines(count, &$0) } })
            }
        }
    }

    private func readLines(_ count: Int, _ buffer: inout [UInt8]) throws -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = 0
        var searched = 0
        while lines.count < count {
            if let end = buffer[searched...].firstIndex(of: 0x0A) {
                lines.append(Array(buffer[start..<end]))
                start = end + 1
                searched = start
            } else {
                searched = buffer.count
                guard try fill(&buffer) else { throw Failure.noLine }
            }
        }
        buffer.removeFirst(start)
        return lines
    }

    func endInput() { shutdown(descriptor, Int32(SHUT_WR)) }

    private func readLine(_ buffer: inout [UInt8]) throws -> JSONValue? {
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                let line = Array(buffer[..<end])
                buffer.removeSubrange(...end)
                do {
                    return try JSONParser.parse(
                        line.span, bounds: .init(maxDepth: 64, maxValues: 1_000_000, numbers: .interoperable))
                } catch {
                    throw Failure.notJSON
                }
            }
            guard try fill(&buffer) else { return nil }
        }
    }

    /// False at the end of the stream.
    private func fill(_ buffer: inout [UInt8]) throws -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &chunk, chunk.count)
        guard count >= 0 else { throw Failure.read(errno) }
        buffer += chunk[..<count]
        return count > 0
    }
}
