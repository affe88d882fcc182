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
    struct Line {
        let id: Int64
        private let head: [UInt8]
        private let tail: [UInt8]

        /// Nil where the id is no plain integer, or the line too long to be worth its room.
        init?(_ line: Span<UInt8>, idRange: Range<Int>) {
            let id = line.extracting(idRange).withUnsafeBufferPointer { RepeatedReads.plainInteger($0) }
            guard let id, line.count <= RepeatedReads.longestLine else { return nil }
            self.id = id
            head = line.extracting(..<idRange.lowerBound).withUnsafeBufferPointer { Array($0) }
            tail = line.extracting(idRange.upperBound...).withUnsafeBufferPointer { Array($0) }
        }

        /// The id of another line that is equal but for it.
        fileprivate func id(of other: UnsafeBufferPointer<UInt8>) -> Int64? {
            let count = other.count - head.count - tail.count
            guard (1...RepeatedReads.mostDigits).contains(count), let start = other.baseAddress,
                memcmp(start, head, head.count) == 0,
                memcmp(start + (other.count - tail.count), tail, tail.count) == 0
            else { return nil }
            return RepeatedReads.plainInteger(UnsafeBufferPointer(start: start + head.count, count: count))
        }
    }

    /// Of integers that every JSON reader keeps (RFC 8259, section 6): fewer digits than 2^53 has.
    private static let mostDigits = 15

    private static func plainInteger(_ digits: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard (1...mostDigits).contains(digits.count), digits.count == 1 || digits[0] != UInt8(ascii: "0") else {
            return nil
        }
        var value: Int64 = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            value = value &* 10 &+ Int64(digit &- UInt8(ascii: "0"))
        }
        return value
    }

    struct Entry {
        fileprivate let line: Line
        let request: Request
        let read: StandingRead
    }

    private static let longestLine = 512
    /// More would cost an idle connection more than they save.
    private static let room = 4

    private var entries: [Entry] = []
    private var next = 0

    /// What a line repeats, and its id.
    func match(_ line: Span<UInt8>) -> (entry: Entry, id: Int64)? {
        line.withUnsafeBufferPointer { bytes in
            for entry in entries {
                if let id = entry.line.id(of: bytes) { return (entry, id) }
            }
            return nil
        }
    }

    /// `request` is what the line says.
    mutating func add(_ line: Line, _ request: Request, _ read: StandingRead) {
        guard request.id == .integer(line.id) else { return }
        let entry = Entry(line: line, request: request, read: read)
        if entries.count < Self.room {
            entries.append(entry)
        } else {
            entries[next] = entry
            next = (next + 1) % Self.room
        }
    }

    mutating func removeAll() { self = RepeatedReads() }
}
