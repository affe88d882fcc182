import CLinux
import Glibc

/// Decides whether the process behind a socket may be the daemon.
///
/// Root and the caller's own user are believed at once: both could do worse than to answer a socket. The kernel names
/// the user that called listen(2) last (unix(7)): under socket activation root, until the daemon listens on the socket
/// that it was handed, then the daemon's user. Another user is believed where root or the caller vouches for it: the
/// path to the socket must lead through folders that nobody else can write, down to something which that user owns, or
/// which root or the caller has made and so handed to that user. A socket in a folder that others can write, such as
/// `/tmp`, is anybody's.
struct ServerTrust: Sendable {
    /// The user of this process.
    var ownUser: uid_t
    /// The user at the other end of a connected socket, nil where the kernel does not say.
    var peer: @Sendable (_ descriptor: Int32) -> uid_t?
    var node: @Sendable (_ path: String) -> FileNode?
    var linkTarget: @Sendable (_ path: String) -> String?

    static let kernel = ServerTrust(
        ownUser: geteuid(),
        peer: { descriptor in
            var pid: Int32 = 0
            var uid: UInt32 = 0
            var gid: UInt32 = 0
            return cl_peer_credentials(descriptor, &pid, &uid, &gid) == 0 ? uid : nil
        },
        node: { FileNode(at: $0) },
        linkTarget: { path in
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = readlink(path, &buffer, buffer.count)
            guard count > 0 else { return nil }
            return String(validating: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
        })

    /// Throws `untrustedServer` unless the peer of this connection to `path` is believed.
    func check(_ descriptor: Int32, path: String) throws(SessionError) {
        guard let user = peer(descriptor) else { throw refusal("the kernel does not say who serves it") }
        if isBelieved(user) { return }
        guard let reason = objection(to: user, at: path) else { return }
        throw refusal("user \(user) serves it, and \(reason)")
    }

    private func isBelieved(_ user: uid_t) -> Bool { user == 0 || user == ownUser }

    private func refusal(_ reason: String) -> SessionError {
        SessionError(
            kind: .untrustedServer,
            message: "the socket is not served by sessiond's user, root or you: \(reason); nothing was sent")
    }

    /// Why nobody vouches for that user as the server of `path`; nil where root or the caller does.
    private func objection(to user: uid_t, at path: String) -> String? {
        guard path.hasPrefix("/") else { return "its path is relative" }
        guard let root = node("/"), isClosed(root, to: user) else { return "others can write /" }
        var names = components(of: path)
        // The folders passed, from the root on. No symbolic link is among them, so `..` is the one before.
        var folders = [(path: "", node: root)]
        var followed = 0
        while !names.isEmpty {
            let name = names.removeFirst()
            if name == ".." {
                if folders.count > 1 { folders.removeLast() }
                continue
            }
            let (parent, folder) = folders[folders.count - 1]
            let next = parent + "/" + name
            guard let entry = node(next) else { return "its path cannot be read" }
            guard isBelieved(entry.owner) || entry.owner == user else { return "user \(entry.owner) owns \(next)" }
            // In a folder with the sticky bit anybody makes entries, and nobody else replaces them.
            if folder.isWritableByOthers && !isBelieved(entry.owner) { return "others can write \(parent)" }
            if entry.isSymbolicLink {
                guard isBelieved(entry.owner), followed < 8, let target = linkTarget(next) else {
                    return "\(next) is a symbolic link"
                }
                followed += 1
                names = components(of: target) + names
                if target.hasPrefix("/") { folders = [("", root)] }
            } else if entry.isDirectory {
                guard isClosed(entry, to: user) else { return "others can write \(next)" }
                folders.append((next, entry))
            } else {
                let isVouchedFor = entry.owner == user || isBelieved(entry.owner)
                return names.isEmpty && isVouchedFor ? nil : "user \(entry.owner) owns \(next)"
            }
        }
        return "it is a folder"
    }

    /// Whether nobody but root, the caller and `user` can replace what stands in that folder.
    private func isClosed(_ folder: FileNode, to user: uid_t) -> Bool {
        (isBelieved(folder.owner) || folder.owner == user)
            && (!folder.isWritableByOthers || folder.mode & S_ISVTX != 0)
    }

    private func components(of path: String) -> [String] {
        path.split(separator: "/", omittingEmptySubsequences: true).map(String.init).filter { $0 != "." }
    }
}
