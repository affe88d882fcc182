import Glibc

/// Where NOTIFY_SOCKET points: a path, or with `@` in front a name in the abstract namespace (sd_notify(3)).
struct NotifyAddress {
    private var address = sockaddr_un()
    private let size: socklen_t

    /// nil where the text is neither, or too long for a socket address.
    init?(_ text: String) {
        var bytes = Array(text.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        // A path needs room for its final zero; an abstract name has none and begins with a zero instead.
        switch bytes.first {
        case UInt8(ascii: "/") where bytes.count < room: break
        case UInt8(ascii: "@") where bytes.count > 1 && bytes.count <= room: bytes[0] = 0
        default: return nil
        }
        let isPath = bytes[0] != 0
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let prefix = MemoryLayout<sockaddr_un>.size - room
        size = socklen_t(prefix + bytes.count + (isPath ? 1 : 0))
    }

    /// sendto(2): the number of bytes sent, or -1 with errno.
    func send(_ datagram: [UInt8], through descriptor: Int32) -> Int {
        withSocketAddress { Glibc.sendto(descriptor, datagram, datagram.count, Int32(MSG_NOSIGNAL), $0, $1) }
    }

    /// bind(2) to this address: 0, or -1 with errno.
    func bind(_ descriptor: Int32) -> Int32 {
        withSocketAddress { Glibc.bind(descriptor, $0, $1) }
    }

    private func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
        }
    }
}
