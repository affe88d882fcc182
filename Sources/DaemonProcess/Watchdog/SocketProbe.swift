import CLinux
import Glibc
import SessionProtocol

/// Asks a daemon over its own listening socket, as any client would: whether it accepts, reads, answers and writes.
package struct SocketProbe: Sendable {
    package enum Outcome: Sendable, Hashable {
        case answered
        /// No answer in time, or none that fits.
        case silent
        /// Nobody listens at the path.
        case dead
        /// This process may not connect there, or finds no way to.
        case closed(LinuxError)
    }

    private var address = sockaddr_un()
    private let size: socklen_t
    /// Whether the daemon has made the node itself, and a new start makes it anew.
    private let isOurs: Bool

    /// A socket that the daemon has made at this path; nil where no socket can have such a path.
    package init?(path: String) {
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path), !bytes.isEmpty else { return nil }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        size = socklen_t(MemoryLayout<sockaddr_un>.size)
        isOurs = true
    }

    /// A listening socket that somebody else has bound; nil where it has no Unix address.
    package init?(inherited descriptor: Int32) {
        var address = sockaddr_un()
        var size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        guard result == 0, address.sun_family == sa_family_t(AF_UNIX), size > MemoryLayout<sa_family_t>.size else {
            return nil
        }
        self.address = address
        self.size = size
        isOurs = false
    }

    /// Blocks for as long as that at most.
    package func ping(within limit: Duration) -> Outcome {
        let clock = SuspendingClock()
        let deadline = clock.now + limit
        let descriptor = cl_unix_stream_socket()
        // Out of descriptors: no client can be taken in either.
        guard descriptor >= 0 else { return .silent }
        defer { close(descriptor) }
        // A connection to a socket whose queue is full waits for that long (socket(7), SO_SNDTIMEO).
        let (seconds, attoseconds) = limit.components
        var timeout = [Int(seconds), max(Int(attoseconds / 1_000_000_000_000), 1)]
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<Int>.size * 2))
        let connected = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        if connected != 0 {
            switch errno {
            case ECONNREFUSED where isOurs, ENOENT where isOurs: return .dead
            case EAGAIN, EINTR, ETIMEDOUT: return .silent
            case let number: return .closed(LinuxError(call: "connect", errno: number))
            }
        }
        let nonce = String(UInt64.random(in: .min ... .max), radix: 16)
        let line = #"{"jsonrpc":"2.0","id":1,"method":"server.ping","params":{"nonce":"\#(nonce)"}}"# + "\n"
        let bytes = Array(line.utf8)
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return .silent }
        var received: [UInt8] = []
        while !received.contains(UInt8(ascii: "\n")) {
            let left = (deadline - clock.now) / .milliseconds(1)
            var readiness = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard left > 0, received.count < 4096 else { return .silent }
            let ready = poll(&readiness, 1, Int32(min(left.rounded(.up), 60_000)))
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return .silent }
            var buffer = [UInt8](repeating: 0, count: 1024)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return .silent }
            received += buffer[..<count]
        }
        let reply = try? JSONValue.parse(received.prefix { $0 != UInt8(ascii: "\n") })
        return reply?["result"]?["nonce"]?.stringValue == nonce ? .answered : .silent
    }
}
