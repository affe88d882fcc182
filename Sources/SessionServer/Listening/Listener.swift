import Glibc

/// A socket on which clients are accepted.
struct Listener: Sendable {
    let descriptor: CInt
    /// The node to remove; nil where somebody else owns it.
    private let node: SocketNode?

    /// As many as the kernel allows (net.core.somaxconn): clients queue while the daemon restarts or lacks descriptors.
    private static let backlog: CInt = 4096
    /// How long to wait where a connection cannot be accepted.
    static let pauseMs: Int64 = 1000

    static func open(_ listener: ServerConfiguration.Listener) throws(ListenError) -> Listener {
        let opened: Listener
        let path: String
        switch listener {
        case .inherited(let descriptor):
            opened = Listener(descriptor: descriptor, node: nil)
            path = "descriptor \(descriptor)"
        case .node(let socket):
            let node = try SocketNode.make(socket, backlog: backlog)
            opened = Listener(descriptor: node.descriptor, node: node)
            path = socket.path
        }
        do throws(ListenError) {
            try opened.prepare(path)
            return opened
        } catch {
            opened.close()
            throw error
        }
    }

    private func prepare(_ path: String) throws(ListenError) {
        guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0, fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 else {
            throw .system(call: "fcntl", path: path, errno: errno)
        }
        guard listen(descriptor, Self.backlog) == 0 else {
            throw .system(call: "listen", path: path, errno: errno)
        }
    }

    /// Stops accepting and removes the node where it is the server's own.
    func close() {
        // The node goes first, so that nobody connects to a socket that is about to close.
        node?.remove()
        Glibc.close(descriptor)
    }
}
