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

    package init(listeners: [Listener], limits: Limits = Limits()) {
        self.listeners = listeners
        self.limits = limits
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
