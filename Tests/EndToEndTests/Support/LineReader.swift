import Dispatch
import Glibc

/// Lines of a descriptor, each waited for no longer than a limit. Owns the descriptor.
final class LineReader: Sendable {
    let descriptor: Int32
    private let queue = DispatchQueue(label: "lines")
    private let buffer = Buffer()

    /// Bytes that were read and not handed out.
    private final class Buffer: @unchecked Sendable {
        // Every access is inside a block of the reader's serial queue.
        var bytes: [UInt8] = []
        var scanned = 0
    }

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// The next line without its end; nil at the end of the stream.
    func line(within limit: Duration = .seconds(20)) async throws -> [UInt8]? {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try self.readLine(limit) }) }
        }
    }

    func text(within limit: Duration = .seconds(20)) async throws -> String? {
        try await line(within: limit).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The next text up to and with `ending`, for prompts that end no line.
    func text(through ending: String, within limit: Duration = .seconds(20)) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try self.readText(through: ending, limit) }) }
        }
    }

    /// Everything to the end of the stream.
    func rest(within limit: Duration = .seconds(20)) async throws -> String {
        var lines: [String] = []
        while let line = try await text(within: limit) { lines.append(line) }
        return lines.joined(separator: "\n")
    }

    private func readLine(_ limit: Duration) throws -> [UInt8]? {
        while true {
            if let end = buffer.bytes[buffer.scanned...].firstIndex(of: 0x0A) {
                let line = Array(buffer.bytes[..<end])
                buffer.bytes.removeSubrange(...end)
                buffer.scanned = 0
                return line
            }
            buffer.scanned = buffer.bytes.count
            guard try readMore(limit, "a line") else {
                defer {
                    buffer.bytes = []
                    buffer.scanned = 0
                }
                return buffer.bytes.isEmpty ? nil : buffer.bytes
            }
        }
    }

    private func readText(through ending: String, _ limit: Duration) throws -> String {
        while true {
            let text = String(decoding: buffer.bytes, as: UTF8.self)
            if let range = text.firstRange(of: ending) {
                let head = String(text[..<range.upperBound])
                buffer.bytes.removeFirst(head.utf8.count)
                buffer.scanned = 0
                return head
            }
            guard try readMore(limit, "\"\(ending)\"") else { throw TooLate(what: "\"\(ending)\": the output ended") }
        }
    }

    /// False at the end of the stream.
    private func readMore(_ limit: Duration, _ what: String) throws -> Bool {
        guard isReadable(descriptor, within: limit) else { throw TooLate(what: what) }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &chunk, chunk.count)
        // A connection that the daemon closes with unread input is reset; a terminal without programs says EIO.
        if count == 0 || (count < 0 && (errno == ECONNRESET || errno == EIO)) { return false }
        guard count > 0 else { throw SystemFailure("read") }
        buffer.bytes += chunk[..<count]
        return true
    }
}
