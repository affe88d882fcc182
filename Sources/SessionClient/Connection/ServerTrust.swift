import CLinux
import Glibc

/// Decides whether the process behind a socket may be the daemon.
///
/// Root and the caller's own user are believed at once: both could do worse than to answer a socket. The kernel names
/// the user that called listen(2) (unix(7)), which under socket activation is root or the user's own manager, so an
/// activated daemon of any user passes here. Another user is believed where root or the caller vouches for it: the
/// path to the socket must lead through folders that nobody else can write, down to something which that user owns
/// (`/run/sessiond`, which systemd makes for the daemon's user). A socket in a folder that others can write, such as
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
        var names = components(of: path)
        var at = ""
        var followed = 0
        // Whether what stands at `at` was put there by root or the caller, or by the user whom they put above it.
        guard var folder = node("/"), isClosed(folder, to: user) else { return "others can write /" }
        while !names.isEmpty {
            let name = names.removeFirst()
            if name == ".." { return "its path goes through .." }
            let next = at + "/" + name
            guard let entry = node(next) else { return "its path cannot be read" }
            guard isBelieved(entry.owner) || entry.owner == user else { return "user \(entry.owner) owns a folder" }
            // In a folder with the sticky bit anybody makes entries, and nobody else replaces them.
            if folder.isWritableByOthers && !isBelieved(entry.owner) { return "others can write a folder on its path" }
            if entry.isSymbolicLink {
                guard isBelieved(entry.owner), followed < 8, let target = linkTarget(next) else {
                    return "a symbolic link leads there"
                }
                followed += 1
                names = components(of: target) + names
                if target.hasPrefix("/") {
                    at = ""
                    guard let root = node("/") else { return "its path cannot be read" }
                    folder = root
                }
                continue
            }
            if names.isEmpty { return entry.owner == user ? nil : "user \(entry.owner) owns it" }
            guard entry.isDirectory, isClosed(entry, to: user) else { return "others can write a folder on its path" }
            at = next
            folder = entry
        }
        return "its path is no file"
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
