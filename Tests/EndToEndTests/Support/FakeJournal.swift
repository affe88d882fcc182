import Glibc
import Synchronization

/// journald as a service sees it: a datagram socket that is spoken to in its native protocol
/// (systemd.io/JOURNAL_NATIVE_PROTOCOL).
final class FakeJournal: Sendable {
    struct Malformed: Error { let bytes: [UInt8] }

    let path: String
    /// Standard error of a service whose manager has connected it to the journal.
    let errors: (reading: Int32, writing: Int32)
    private let descriptor: Int32
    private let taken = Mutex<[(entry: [String: String], bytes: [UInt8])]>([])

    init(path: String) throws {
        self.path = path
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw SystemFailure("socketpair")
        }
        errors = (ends[0], ends[1])
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0, UnixAddress.with(path, { bind(descriptor, $0, $1) }) == 0 else {
            throw SystemFailure("bind \(path)")
        }
    }

    deinit { for end in [descriptor, errors.reading, errors.writing] { close(end) } }

    /// Makes a daemon's set-up one of a service that logs here; where the journal is out of reach, its standard error
    /// alone leads to it.
    func connect(_ setup: inout DaemonProcess.Setup, isReachable: Bool = true) {
        var status = stat()
        fstat(errors.writing, &status)
        setup.descriptors[2] = errors.writing
        setup.environment["JOURNAL_STREAM"] = "\(status.st_dev):\(status.st_ino)"
        let script = """
            mount -t tmpfs none /run && mkdir -p /run/systemd/journal && ln -s "$0" /run/systemd/journal/socket &&
            exec "$@"
            """
        setup.wrapper = ["unshare", "-m", "sh", "-c", script, isReachable ? path : "/nowhere"]
    }

    /// What has been taken so far, fields by name.
    var entries: [[String: String]] { taken.withLock { $0.map(\.entry) } }
    /// The same as it came.
    var bytes: [UInt8] { taken.withLock { $0.flatMap(\.bytes) } }

    /// Takes entries until one is of the event.
    @discardableResult
    func wait(for event: String, within limit: Duration = .seconds(20)) async throws -> [String: String] {
        try await blocking { [self] in
            while isReadable(descriptor, within: limit) {
                var buffer = [UInt8](repeating: 0, count: 1 << 18)
                // Zero bytes come with a memfd: an entry too large for a datagram, which no entry of ours is.
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { throw SystemFailure("recv \(count)") }
                let bytes = Array(buffer[..<count])
                let entry = try Self.parse(bytes)
                taken.withLock { $0.append((entry, bytes)) }
                if entry["SESSIOND_EVENT"] == event { return entry }
            }
            throw TooLate(what: "the event \(event)")
        }
    }

    /// `NAME=value`, or where a value has a line feed `NAME`, its size in 64 bits and the value; each ends in a line feed.
    static func parse(_ bytes: [UInt8]) throws -> [String: String] {
        var fields: [String: String] = [:]
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { throw Malformed(bytes: bytes) }
            let line = rest[..<end]
            rest = rest[(end + 1)...]
            let name: String
            let value: ArraySlice<UInt8>
            if let equals = line.firstIndex(of: UInt8(ascii: "=")) {
                name = String(decoding: line[..<equals], as: UTF8.self)
                value = line[(equals + 1)...]
            } else {
                name = String(decoding: line, as: UTF8.self)
                let size = rest.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
                guard rest.count >= 9, size >= 0, rest.count - 9 >= size else { throw Malformed(bytes: bytes) }
                value = rest.dropFirst(8).prefix(size)
                guard rest.dropFirst(8 + size).first == UInt8(ascii: "\n") else { throw Malformed(bytes: bytes) }
                rest = rest.dropFirst(9 + size)
            }
            // A field that comes twice would be two values to journald: none of ours does.
            guard fields.updateValue(String(decoding: value, as: UTF8.self), forKey: name) == nil else {
                throw Malformed(bytes: bytes)
            }
        }
        return fields
    }
}
