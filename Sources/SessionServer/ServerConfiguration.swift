package import Glibc
package import SessionProtocol

/// What the server listens on, and within which limits.
package struct ServerConfiguration: Sendable {
    /// A place where clients connect.
    package enum Listener: Sendable, Hashable {
        /// A bound or listening Unix stream socket that somebody else owns, as systemd does. Its node is never removed.
        case inherited(descriptor: CInt)
        /// A node that the server makes and removes.
        case node(SocketPath)
    }

    package var listeners: [Listener]
    package var limits: Limits
    /// The process whose connections are the daemon's trials of itself: under no limit, and not counted.
    package var ownProcess: pid_t?

    package init(listeners: [Listener], limits: Limits = Limits(), ownProcess: pid_t? = nil) {
        self.listeners = listeners
        self.limits = limits
        self.ownProcess = ownProcess
    }
}

/// Where the server makes its socket, and who may connect to it.
package struct SocketPath: Sendable, Hashable {
    /// Absolute.
    package var path: String
    /// nil: the daemon's own group.
    package var group: gid_t?
    package var mode: mode_t

    package init(path: String, group: gid_t? = nil, mode: mode_t = 0o660) {
        self.path = path
        self.group = group
        self.mode = mode
    }
}
