import CLinux
import Glibc

/// Who is at the other end of a socket, by the kernel's word, as of when it connected.
package struct PeerCredentials: Sendable, Hashable {
    package var pid: Int32
    package var uid: UInt32
    package var gid: UInt32
    /// Supplementary groups.
    package var groups: Set<UInt32>

    package init(pid: Int32, uid: UInt32, gid: UInt32, groups: Set<UInt32> = []) {
        self.pid = pid
        self.uid = uid
        self.gid = gid
        self.groups = groups
    }

    /// What the kernel says for ids that have no name in this namespace (user_namespaces(7)); where all of them have one,
    /// `nobody` and `nogroup`.
    package static let unknown: UInt32 = 65_534

    /// Reads them from a connected Unix socket; nil where the kernel does not tell.
    package init?(socket: CInt) {
        var pid: Int32 = 0
        var uid: UInt32 = 0
        var gid: UInt32 = 0
        guard cl_peer_credentials(socket, &pid, &uid, &gid) == 0, let groups = Self.groups(of: socket) else {
            return nil
        }
        self.init(pid: pid, uid: uid, gid: gid, groups: groups)
    }

    /// The kernel allows 65 536 groups (NGROUPS_MAX), and tells the room that it needs.
    private static func groups(of socket: CInt) -> Set<UInt32>? {
        var room: UInt32 = 32
        for _ in 0..<2 {
            var groups = [UInt32](repeating: 0, count: Int(room))
            var count = room
            if cl_peer_groups(socket, &groups, &count) == 0 { return Set(groups.prefix(Int(min(count, room)))) }
            guard errno == ERANGE, count > room, count <= 65_536 else { return nil }
            room = count
        }
        return nil
    }
}
