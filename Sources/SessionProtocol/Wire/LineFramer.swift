/// Cuts a byte stream into lines, and keeps what has come of a line that is not whole yet.
///
/// The caller keeps what it received and pulls a line at a time, so it can stop after any of them and go on later.
package struct LineFramer {
    /// What a pull brought.
    package enum Pull<Answer> {
        /// A whole line was handed over.
        case line(Answer)
        /// All bytes are used; the rest of the line is still to come.
        case needsBytes
        /// The line is over the limit: no further line can be found on this stream.
        case lineTooLong
    }

    private let maxBytes: Int
    private var partial: [UInt8] = []
    private var isOver = false

    /// `maxBytes` counts neither the line feed nor one carriage return before it.
    package init(maxBytes: Int) {
        self.maxBytes = maxBytes
    }

    /// Whether bytes of an unfinished line are held. At the end of the stream they are no line, and dropped.
    package var hasPartialLine: Bool { !partial.isEmpty }

    /// Finds the next line in `received`, from `position` on, which moves past what was used.
    ///
    /// `body` gets the line without its line feed and carriage return. The bytes are those received where the whole line
    /// lies in them, else a copy that is gone afterwards. At most `maxBytes` + 1 bytes are held between pulls.
    package mutating func nextLine<Answer>(
        in received: Span<UInt8>, from position: inout Int, _ body: (Span<UInt8>) -> Answer
    ) -> Pull<Answer> {
        guard !isOver else { return .lineTooLong }
        let start = position
        // One byte more than the limit may be a carriage return, the one after that must be the line feed.
        let reach = min(received.count, start + (maxBytes + 2 - partial.count))
        let end = received.extracting(start..<reach).firstLineFeed.map { start + $0 } ?? reach
        let piece = received.extracting(start..<end)
        guard end < reach else {
            position = end
            piece.withUnsafeBufferPointer { partial.append(contentsOf: $0) }
            let overshoot = partial.count - maxBytes
            if overshoot > 1 || overshoot == 1 && partial.last != UInt8(ascii: "\r") {
                isOver = true
                partial = []
                return .lineTooLong
            }
            return .needsBytes
        }
        position = end + 1
        if partial.isEmpty { return handOver(piece, body) }
        var line: [UInt8] = []
        swap(&line, &partial)
        piece.withUnsafeBufferPointer { line.append(contentsOf: $0) }
        defer { reuse(&line) }
        return handOver(line.span, body)
    }

    private mutating func handOver<Answer>(_ bytes: Span<UInt8>, _ body: (Span<UInt8>) -> Answer) -> Pull<Answer> {
        var end = bytes.count
        if end > 0, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        guard end <= maxBytes else {
            isOver = true
            return .lineTooLong
        }
        return .line(body(bytes.extracting(0..<end)))
    }

    /// Keeps the room of usual requests, so that an idle connection does not hold on to a large line's.
    private mutating func reuse(_ line: inout [UInt8]) {
        guard line.capacity <= 4096 else { return }
        line.removeAll(keepingCapacity: true)
        swap(&line, &partial)
    }
}

extension Span<UInt8> {
    /// Where the first line feed is. Eight bytes at a time: a read is mostly this.
    fileprivate var firstLineFeed: Int? {
        let feeds: UInt64 = 0x0A0A_0A0A_0A0A_0A0A
        let lowBits: UInt64 = 0x0101_0101_0101_0101
        let highBits: UInt64 = 0x8080_8080_8080_8080
        var index = 0
        while index + 8 <= count {
            let word = UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)) ^ feeds
            // A byte's high bit is set where the byte is zero; those above the first such byte mean nothing.
            let zeros = (word &- lowBits) & ~word & highBits
            if zeros != 0 { return index + zeros.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < count {
            if self[index] == UInt8(ascii: "\n") { return index }
            index += 1
        }
        return nil
    }
}
