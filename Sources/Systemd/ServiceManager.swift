/// The manager that started this process (systemd, or nobody), as the daemon speaks with it.
///
/// Nothing here needs a manager to exist: without one there is nobody to tell and nothing to inherit. The contract is
/// that of sd_notify(3), sd_listen_fds(3), sd_watchdog_enabled(3) and systemd.exec(5), "CREDENTIALS_DIRECTORY".
package protocol ServiceManager: Sendable {
    /// Tells the manager about the service, in one datagram. May block while the manager's queue is full, so never
    /// call it from an event loop. Answers whether a manager was there to be told.
    @discardableResult
    func notify(_ state: [NotifyAssignment]) throws(ServiceManagerError) -> Bool

    /// What the manager has handed this process, close-on-exec: the listening sockets that it has opened, and the
    /// descriptors that the service has had it keep.
    ///
    /// Call it once, before any thread exists: it removes the LISTEN_ variables from the environment, so that no
    /// child takes them for its own, and a second call answers with nothing.
    func inheritedDescriptors() throws(ServiceManagerError) -> InheritedDescriptors

    /// Has the manager keep a duplicate of the descriptor for the process that it starts after this one
    /// (`FDSTORE=1`, systemd's docs/FILE_DESCRIPTOR_STORE). May block as `notify` does. Answers whether a manager was
    /// there to be told; one whose store is full, or which has none for this service, does not tell.
    ///
    /// - Parameter name: up to 255 ASCII characters without controls and `:`. Every user may list it.
    @discardableResult
    func keep(_ descriptor: Int32, as name: String) throws(ServiceManagerError) -> Bool

    /// Has the manager let go of everything that it keeps under the name.
    @discardableResult
    func letGo(of name: String) throws(ServiceManagerError) -> Bool

    /// Within what time the manager wants to hear `watchdog`, nil where it does not watch this process.
    func watchdogInterval() throws(ServiceManagerError) -> Duration?

    /// The folder that holds the service's credentials, one file each, nil where it was given none.
    var credentialsDirectory: String? { get }
}

/// A listening Unix stream socket that another process has bound. Never unlink its path: it is not ours.
package struct InheritedSocket: Sendable, Hashable {
    package let descriptor: Int32
    /// `FileDescriptorName=` of the socket unit; `unknown` where it gives none.
    package let name: String

    package init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }
}

/// A descriptor that this service has had its manager keep.
package struct KeptDescriptor: Sendable, Hashable {
    package let descriptor: Int32
    /// `FDNAME=`, by which the manager lets go of it.
    package let name: String

    package init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }
}

/// What comes by LISTEN_FDS. Sockets are the units'; whatever else there is has been kept for the service, which keeps
/// no sockets.
package struct InheritedDescriptors: Sendable, Hashable {
    package var sockets: [InheritedSocket] = []
    package var kept: [KeptDescriptor] = []

    package init(sockets: [InheritedSocket] = [], kept: [KeptDescriptor] = []) {
        self.sockets = sockets
        self.kept = kept
    }
}

/// Why the manager could not be spoken with.
package enum ServiceManagerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A call failed with this errno.
    case failed(call: String, errno: Int32)
    /// A variable that the manager sets does not read as its manual says.
    case malformed(variable: String, value: String)
    /// A descriptor was handed in that is no listening Unix stream socket.
    case unusableSocket(descriptor: Int32, name: String)

    package var description: String {
        switch self {
        case .failed(let call, let errno): "\(call) failed: \(errorText(errno))"
        case .malformed(let variable, let value): "\(variable) is malformed: \(value)"
        case .unusableSocket(let descriptor, let name):
            "descriptor \(descriptor) (\(name)) is no listening Unix stream socket; "
                + "the socket unit needs ListenStream= with a path and Accept=no"
        }
    }
}
