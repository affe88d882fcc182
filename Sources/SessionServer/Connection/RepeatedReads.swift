import Glibc
import SessionProtocol

/// The reads that a client repeats: lines that were found in order before, and how each is answered.
///
/// A client asks the same again and again, under ids that count up. Two lines that differ in nothing but the digits of
/// their id are the same request, so the second needs no parser, no permission and no check. That rests on three rules:
/// - the id is a plain integer in both: digits without sign, fraction or leading zero, within the range of ids;
/// - only a line that was carried out as a `StandingRead` comes in here, and that is good for any number of answers;
/// - whoever changes what a request may do or means (permissions, profiles) empties it.
struct RepeatedReads {
    /// A line as it came, and where its id stands.
    final class Line {
        let id: Int64
        /// The line with its line feed and without its id. In memory of its own: it is compared once a request, and an
        /// array would be counted twice for that.
        private let text: UnsafeMutableBufferPointer<UInt8>
        private let headCount: Int

        /// Nil where the id is no plain integer, or the line too long to be worth its room.
        init?(_ line: Span<UInt8>, idRange: Range<Int>) {
            var digits = PlainInteger()
            var end = idRange.lowerBound
            while end < idRange.upperBound, digits.take(line[end]) { end += 1 }
            guard end == idRange.upperBound, let id = digits.value, line.count <= RepeatedReads.longestLine else {
                return nil
            }
            self.id = id
            headCount = idRange.lowerBound
            text = .allocate(capacity: line.count - idRange.count + 1)
            for index in 0..<headCount { text[index] = line[index] }
            for index in idRange.upperBound..<line.count { text[index - idRange.count] = line[index] }
            text[text.count - 1] = UInt8(ascii: "\n")
        }

        deinit { text.deallocate() }

        /// Whether they differ in nothing but their ids.
        fileprivate func repeats(_ other: Line) -> Bool {
            headCount == other.headCount && text.count == other.text.count
                && text.elementsEqual(other.text)
        }

        /// The id of a line at `start` that is equal but for it, and the line's length with its line feed.
        @inline(__always)
        fileprivate func match(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> (id: Int64, length: Int)? {
            guard let line = bytes.baseAddress?.advanced(by: start), let own = text.baseAddress,
                bytes.count - start > text.count, memcmp(line, own, headCount) == 0
            else { return nil }
            var digits = PlainInteger()
            var index = headCount
            let end = bytes.count - start
            while index < end, digits.take(line[index]) { index += 1 }
            let tailCount = text.count - headCount
            guard let id = digits.value, end - index >= tailCount,
                memcmp(line + index, own + headCount, tailCount) == 0
            else { return nil }
            return (id, index + tailCount)
        }
    }

    /// What a line came to.
    final class Entry {
        fileprivate let line: Line
        let read: StandingRead

        fileprivate init(_ line: Line, _ read: StandingRead) {
            self.line = line
            self.read = read
        }
    }

    static let longestLine = 512
    static let longestID = PlainInteger.mostDigits
    /// More would cost an idle connection more than they save.
    private static let room = 4

    private var entries: [Entry] = []
    private var next = 0

    /// What the line at `start` repeats, its id, and its length with its line feed.
    func match(
        _ bytes: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> (entry: Entry, id: Int64, length: Int)? {
        // An iterator would be allocated in a build without optimisation, where a test counts allocations.
        var index = 0
        while index < entries.count {
            let entry = entries[index]
            if let (id, length) = entry.line.match(bytes, from: start) { return (entry, id, length) }
            index += 1
        }
        return nil
    }

    /// `request` is what the line says, `read` how it is answered.
    mutating func add(_ line: Line, _ request: Request, _ read: StandingRead) {
        // What is known comes again where it could not be answered at once.
        guard request.id == .integer(line.id), !entries.contains(where: { $0.line.repeats(line) }) else { return }
        let entry = Entry(line, read)
        if entries.count < Self.room {
            entries.append(entry)
        } else {
            entries[next] = entry
            next = (next + 1) % Self.room
        }
    }

    mutating func removeAll() { self = RepeatedReads() }
}

/// An integer as every JSON writer spells it, with few enough digits to be less than 2^53 (RFC 8259, section 6).
private struct PlainInteger {
    static let mostDigits = 15

    private var magnitude: Int64 = 0
    private var count = 0

    /// False at what is no digit.
    @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        let digit = byte &- UInt8(ascii: "0")
        // A leading zero is let through here and refused by `value`, as is a digit too many.
        guard digit <= 9, count <= Self.mostDigits else { return false }
        count += magnitude == 0 && count > 0 ? Self.mostDigits + 1 : 1
        magnitude = magnitude &* 10 &+ Int64(digit)
        return true
    }

    var value: Int64? { (1...Self.mostDigits).contains(count) ? magnitude : nil }
}
