// For SOCK_STREAM and its kin alone: libsystemd's header includes <sys/socket.h>, and where the whole module is compiled
// at once, as for a release, Swift looks for them there and no longer in Glibc.
import CLinux
import CSystemd
import Glibc

/// The manager, spoken with without libsystemd: the same protocols, which their manuals promise to keep.
package struct PlainManager: ServiceManager {
    package init() {}

    @discardableResult
    package func notify(_ state: [NotifyAssignment]) throws(ServiceManagerError) -> Bool {
        try send(state.datagram)
    }

    package func keep(_ descriptor: Int32, as name: String) throws(ServiceManagerError) -> Bool {
        try send(KeptDescriptor.keeping(name), with: descriptor)
    }

    package func letGo(of name: String) throws(ServiceManagerError) -> Bool {
        try send(KeptDescriptor.lettingGo(of: name))
    }

    private func send(_ text: String, with descriptor: Int32? = nil) throws(ServiceManagerError) -> Bool {
        guard let path = processVariable("NOTIFY_SOCKET") else { return false }
        guard let address = NotifyAddress(path) else { throw .malformed(variable: "NOTIFY_SOCKET", value: path) }
        let socket = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw .failed(call: "socket", errno: errno) }
        defer { close(socket) }
        guard address.send(Array(text.utf8), with: descriptor, through: socket) else {
            throw .failed(call: "sendmsg", errno: errno)
        }
        return true
    }

    package func inheritedDescriptors() throws(ServiceManagerError) -> InheritedDescriptors {
        let variables = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]
        let values = variables.map(processVariable)
        for variable in variables { unsetenv(variable) }
        var inherited = InheritedDescriptors()
        for (descriptor, name) in try Self.handedIn(pid: values[0], count: values[1], names: values[2], to: getpid()) {
            guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { throw .failed(call: "fcntl", errno: errno) }
            if Self.option(SO_TYPE, of: descriptor) == nil {
                inherited.kept.append(KeptDescriptor(descriptor: descriptor, name: name))
                continue
            }
            guard Self.isListeningUnixStream(descriptor) else {
                throw .unusableSocket(descriptor: descriptor, name: name)
            }
            inherited.sockets.append(InheritedSocket(descriptor: descriptor, name: name))
        }
        return inherited
    }

    package func watchdogInterval() throws(ServiceManagerError) -> Duration? {
        guard let text = processVariable("WATCHDOG_USEC") else { return nil }
        guard let microseconds = UInt64(text), microseconds > 0, microseconds < .max else {
            throw .malformed(variable: "WATCHDOG_USEC", value: text)
        }
        if let owner = processVariable("WATCHDOG_PID") {
            guard let pid = pid_t(owner), pid > 0 else { throw .malformed(variable: "WATCHDOG_PID", value: owner) }
            guard pid == getpid() else { return nil }
        }
        return .microseconds(Int64(clamping: microseconds))
    }

    package var credentialsDirectory: String? { processVariable("CREDENTIALS_DIRECTORY") }

    /// What the LISTEN_ variables say to the process `own`: descriptors from 3 on, none where they are meant for
    /// another process.
    static func handedIn(
        pid: String?, count: String?, names: String?, to own: pid_t
    ) throws(ServiceManagerError) -> [(descriptor: Int32, name: String)] {
        guard let pid, let count else { return [] }
        guard let owner = pid_t(pid), owner > 0 else { throw .malformed(variable: "LISTEN_PID", value: pid) }
        guard owner == own else { return [] }
        guard let number = Int32(count), number >= 0, number <= .max - 3 else {
            throw .malformed(variable: "LISTEN_FDS", value: count)
        }
        let given = names?.split(separator: ":", omittingEmptySubsequences: false).map(String.init) ?? []
        guard given.isEmpty || given.count == number else {
            throw .malformed(variable: "LISTEN_FDNAMES", value: names ?? "")
        }
        return (0..<number).map { (3 + $0, given.isEmpty ? "unknown" : given[Int($0)]) }
    }

    private static func isListeningUnixStream(_ descriptor: Int32) -> Bool {
        option(SO_DOMAIN, of: descriptor) == AF_UNIX
            && option(SO_TYPE, of: descriptor) == Int32(SOCK_STREAM.rawValue)
            && option(SO_ACCEPTCONN, of: descriptor) == 1
    }

    private static func option(_ name: Int32, of descriptor: Int32) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
    }
}
