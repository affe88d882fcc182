import CLinux
import Glibc

/// A listening socket at a path of the file system, and the lock that makes this process its only owner.
///
/// The node is made under another name and moved into place when owner, mode and backlog are right: at no moment does
/// the path lead to a socket that lets the wrong people in, or that does not answer.
final class SocketNode: Sendable {
    /// The longest path that `sockaddr_un` holds, its final NUL not counted.
    static let maxPathBytes = 107

    let path: String
    /// Handed to the event loop, which closes it.
    let descriptor: CInt
    private let lock: CInt
    private let identity: FileIdentity

    private init(path: String, descriptor: CInt, lock: CInt, identity: FileIdentity) {
        self.path = path
        self.descriptor = descriptor
        self.lock = lock
        self.identity = identity
    }

    /// Makes the socket and its node. A node that no process listens at any more is replaced.
    static func make(_ wanted: SocketPath, backlog: CInt) throws(ListenError) -> SocketNode {
        let path = wanted.path
        guard path.hasPrefix("/"), !path.hasSuffix("/") else { throw .pathNotAbsolute(path: path) }
        guard path.utf8.count <= maxPathBytes else { throw .pathTooLong(path: path, limit: maxPathBytes) }
        let cut = path.lastIndex(of: "/") ?? path.startIndex
        let folder = cut == path.startIndex ? "/" : String(path[..<cut])
        try makeFolder(folder)
        let lock = try takeLock(path)
        do throws(ListenError) {
            try checkNothingLives(at: path)
            let descriptor = try bind(wanted, in: folder, backlog: backlog)
            guard let identity = FileIdentity(path: path) else {
                close(descriptor)
                throw .system(call: "lstat", path: path, errno: errno)
            }
            return SocketNode(path: path, descriptor: descriptor, lock: lock, identity: identity)
        } catch {
            close(lock)
            throw error
        }
    }

    /// Removes the node where it is still this one, and lets go of the lock.
    func remove() {
        if FileIdentity(path: path) == identity { unlink(path) }
        close(lock)
    }

    private static func makeFolder(_ folder: String) throws(ListenError) {
        let mode: mode_t = geteuid() == 0 ? 0o755 : 0o700
        if mkdir(folder, mode) != 0 {
            guard errno == EEXIST else { throw .system(call: "mkdir", path: folder, errno: errno) }
            return
        }
        // The process's umask may have taken bits away from mkdir's mode.
        guard chmod(folder, mode) == 0 else { throw .system(call: "chmod", path: folder, errno: errno) }
    }

    /// The lock file stays: removing it would let two daemons hold locks on two files of one name.
    private static func takeLock(_ path: String) throws(ListenError) -> CInt {
        let name = path + ".lock"
        let lock = cl_open(name, O_RDWR | O_CREAT, 0o600)
        guard lock >= 0 else { throw .system(call: "open", path: name, errno: errno) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            close(lock)
            throw number == EWOULDBLOCK
                ? .alreadyRunning(path: path) : .system(call: "flock", path: name, errno: number)
        }
        return lock
    }

    /// A server that does not take part in the lock is found by connecting: only a refusal proves that nobody listens.
    private static func checkNothingLives(at path: String) throws(ListenError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT else { throw .system(call: "lstat", path: path, errno: errno) }
            return
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
        let probe = cl_unix_stream_socket()
        guard probe >= 0 else { throw .system(call: "socket", path: path, errno: errno) }
        defer { close(probe) }
        // A full backlog makes a blocking connect wait; without blocking it says EAGAIN, and somebody listens.
        _ = fcntl(probe, F_SETFL, O_NONBLOCK)
        if withSocketAddress(path, { connect(probe, $0, $1) }) == 0 { throw .alreadyRunning(path: path) }
        switch errno {
        case ECONNREFUSED, ENOENT: return
        case EAGAIN, EINPROGRESS, EPROTOTYPE: throw .alreadyRunning(path: path)
        default: throw .system(call: "connect", path: path, errno: errno)
        }
    }

    private static func bind(_ wanted: SocketPath, in folder: String, backlog: CInt) throws(ListenError) -> CInt {
        let path = wanted.path
        let socket = cl_unix_stream_socket()
        guard socket >= 0 else { throw .system(call: "socket", path: path, errno: errno) }
        let temporary = folder + (folder == "/" ? "" : "/") + ".\(getpid()).\(UInt32.random(in: 0...UInt32.max))"
        func check(_ call: String, _ result: CInt) throws(ListenError) {
            guard result != 0 else { return }
            let number = errno
            unlink(temporary)
            close(socket)
            throw .system(call: call, path: path, errno: number)
        }
        // On Linux bind() gives the node the socket's own mode less the umask: nobody but us can connect from the start.
        try check("fchmod", fchmod(socket, 0o600))
        try check("bind", bind(socket, to: temporary, in: folder))
        if let group = wanted.group {
            try check("chown", fchownat(AT_FDCWD, temporary, uid_t.max, group, AT_SYMLINK_NOFOLLOW))
        }
        try check("chmod", chmod(temporary, wanted.mode))
        try check("listen", listen(socket, backlog))
        try check("rename", rename(temporary, path))
        return socket
    }

    /// The temporary name may be longer than the wanted one, and too long: then the folder's descriptor stands for it.
    private static func bind(_ socket: CInt, to temporary: String, in folder: String) -> CInt {
        if temporary.utf8.count <= maxPathBytes { return withSocketAddress(temporary) { Glibc.bind(socket, $0, $1) } }
        let descriptor = open(folder, O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return -1 }
        defer {
            let number = errno
            close(descriptor)
            errno = number
        }
        let name = temporary.split(separator: "/").last ?? ""
        return withSocketAddress("/proc/self/fd/\(descriptor)/\(name)") { Glibc.bind(socket, $0, $1) }
    }

    /// `path` has at most `maxPathBytes` bytes.
    private static func withSocketAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(maxPathBytes)) }
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}

/// Which file a path leads to, links not followed.
private struct FileIdentity: Equatable {
    let device: dev_t
    let inode: ino_t

    init?(path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        device = status.st_dev
        inode = status.st_ino
    }
}
