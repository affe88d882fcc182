import Glibc

/// Bytes on their way to the peer.
struct OutputBuffer {
    /// Larger room than this is given back once its bytes are out.
    private static let keptRoom = 128 * 1024
    /// As many bytes that are out are cut off: a peer that never takes the last of them must not have all of them kept.
    private static let cutAt = 64 * 1024

    private var bytes: [UInt8] = []
    /// How many of the bytes are out.
    private var sent = 0

    var count: Int { bytes.count - sent }

    /// Bytes of memory.
    var room: Int { bytes.capacity }

    mutating func append(_ other: [UInt8]) { bytes.append(contentsOf: other) }

    mutating func append(_ byte: UInt8) { bytes.append(byte) }

    mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(utf8 text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func append(decimal number: Int64) {
        guard number < 0 || number > 9 else { return bytes.append(UInt8(ascii: "0") + UInt8(number)) }
        var magnitude = number.magnitude
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var start = digits.count
            while magnitude > 0 {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude % 10)
                magnitude /= 10
            }
            if number < 0 { bytes.append(UInt8(ascii: "-")) }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[start...]))
        }
    }

    enum Outcome {
        case sent(Int)
        /// The peer takes nothing now.
        case blocked
        /// There is no peer any more.
        case broken
    }

    /// Hands the socket what it takes, in one call.
    mutating func send(to socket: CInt) -> Outcome {
        let count = bytes.withUnsafeBytes { all -> Int in
            let rest = UnsafeRawBufferPointer(rebasing: all[sent...])
            while true {
                let count = Glibc.send(socket, rest.baseAddress, rest.count, CInt(MSG_NOSIGNAL))
                if count >= 0 || errno != EINTR { return count }
            }
        }
        guard count >= 0 else { return errno == EAGAIN ? .blocked : .broken }
        sent += count
        if sent == bytes.count {
            sent = 0
            bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptRoom)
        } else if sent >= Self.cutAt {
            bytes.removeFirst(sent)
            sent = 0
        }
        return .sent(count)
    }

    mutating func removeAll() { self = OutputBuffer() }
}
