/// The manager that started this process (systemd, or nobody), as the daemon speaks with it.
///
/// Nothing here needs a manager to exist: without one there is nobody to tell and nothing to inherit. The contract is
/// that of sd_notify(3), sd_listen_fds(3), sd_watchdog_enabled(3) and systemd.exec(5), "CREDENTIALS_DIRECTORY".
package protocol ServiceManager: Sendable {
    /// Tells the manager about the service, in one datagram. May block while the manager's queue is full, so never
    /// call it from an event loop. Answers whether a manager was there to be told.
    @discardableResult
    func notify(_ state: [NotifyAssignment]) throws(ServiceManagerError) -> Bool

    /// The listening sockets that the manager has opened for this process, close-on-exec.
    ///
    /// Call it once, before any thread exists: it removes the LISTEN_ variables from the environment, so that no
    /// child takes them for its own, and a second call answers with an empty list.
    func inheritedSockets() throws(ServiceManagerError) -> [InheritedSocket]

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
