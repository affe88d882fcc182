import Glibc

/// Ends another thread's poll(2): a pair of connected sockets.
struct Waker: Sendable {
    let reading: Int32
    private let writing: Int32

    init() throws(SessionError) {
        var pair: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &pair) == 0 else {
            throw .unavailable("no socket to be had: \(String(cString: strerror(errno)))")
        }
        reading = pair[0]
        writing = pair[1]
    }

    /// A full buffer is as good as a byte in it.
    func wake() {
        var byte: UInt8 = 0
        _ = send(writing, &byte, 1, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
    }

    func drain() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while recv(reading, &bytes, bytes.count, Int32(MSG_DONTWAIT)) == bytes.count {}
    }

    func close() {
        _ = Glibc.close(reading)
        _ = Glibc.close(writing)
    }
}
