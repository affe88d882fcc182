package import Glibc

/// What the kernel tells about a listening socket that somebody else has made.
package enum ListeningSocket {
    /// The group that owns the socket's node, whose members may use the daemon; nil where it has no node.
    package static func group(of descriptor: CInt) -> gid_t? { owner(of: descriptor)?.group }

    /// Whom the socket's node belongs to; nil where it has no node.
    package static func owner(of descriptor: CInt) -> (user: uid_t, group: gid_t)? {
        var address = sockaddr_un()
        var size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        guard result == 0, address.sun_family == sa_family_t(AF_UNIX), address.sun_path.0 != 0 else { return nil }
        let path = withUnsafeBytes(of: address.sun_path) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        return (status.st_uid, status.st_gid)
    }
}
