import CLinux
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

    /// Sends a datagram, and a descriptor with it where there is one: false with errno where that fails.
    func send(_ datagram: [UInt8], with descriptor: Int32?, through socket: Int32) -> Bool {
        withSocketAddress { address, size in
            guard let descriptor else {
                return Glibc.sendto(socket, datagram, datagram.count, Int32(MSG_NOSIGNAL), address, size) >= 0
            }
            return cl_send_with_descriptor(socket, address, size, datagram, datagram.count, descriptor) == 0
        }
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
