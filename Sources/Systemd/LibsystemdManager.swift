import CSystemd
import Glibc

/// The manager, spoken with through libsystemd.
package struct LibsystemdManager: ServiceManager {
    package init() {}

    @discardableResult
    package func notify(_ state: [NotifyAssignment]) throws(ServiceManagerError) -> Bool {
        let result = sd_notify(0, state.datagram)
        guard result >= 0 else { throw .failed(call: "sd_notify", errno: -result) }
        return result > 0
    }

    package func keep(_ descriptor: Int32, as name: String) throws(ServiceManagerError) -> Bool {
        let result = withUnsafePointer(to: descriptor) {
            sd_pid_notify_with_fds(0, 0, KeptDescriptor.keeping(name), $0, 1)
        }
        guard result >= 0 else { throw .failed(call: "sd_pid_notify_with_fds", errno: -result) }
        return result > 0
    }

    package func letGo(of name: String) throws(ServiceManagerError) -> Bool {
        let result = sd_notify(0, KeptDescriptor.lettingGo(of: name))
        guard result >= 0 else { throw .failed(call: "sd_notify", errno: -result) }
        return result > 0
    }

    package func inheritedDescriptors() throws(ServiceManagerError) -> InheritedDescriptors {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let announced = ["LISTEN_FDS", "LISTEN_FDNAMES"].map { processVariable($0) ?? "unset" }
        let count = sd_listen_fds_with_names(1, &names)
        guard count >= 0 else {
            throw Self.failure(
                "sd_listen_fds_with_names", -count, of: "LISTEN_FDS", "\(announced[0]) with names \(announced[1])")
        }
        defer {
            for index in 0..<Int(count) { free(names?[index]) }
            free(names)
        }
        var inherited = InheritedDescriptors()
        for index in 0..<count {
            let descriptor = SD_LISTEN_FDS_START + index
            let name = names?[Int(index)].map { String(cString: $0) } ?? "unknown"
            guard sd_is_socket(descriptor, AF_UNSPEC, 0, -1) > 0 else {
                inherited.kept.append(KeptDescriptor(descriptor: descriptor, name: name))
                continue
            }
            guard sd_is_socket_unix(descriptor, Int32(SOCK_STREAM.rawValue), 1, nil, 0) > 0 else {
                throw .unusableSocket(descriptor: descriptor, name: name)
            }
            inherited.sockets.append(InheritedSocket(descriptor: descriptor, name: name))
        }
        return inherited
    }

    package func watchdogInterval() throws(ServiceManagerError) -> Duration? {
        var microseconds: UInt64 = 0
        let result = sd_watchdog_enabled(0, &microseconds)
        guard result >= 0 else {
            throw Self.failure(
                "sd_watchdog_enabled", -result, of: "WATCHDOG_USEC", processVariable("WATCHDOG_USEC") ?? "")
        }
        return result > 0 ? .microseconds(Int64(clamping: microseconds)) : nil
    }

    /// How libsystemd says that a variable does not read as its manual says.
    private static func failure(
        _ call: String, _ number: Int32, of variable: String, _ value: String
    ) -> ServiceManagerError {
        number == EINVAL || number == ERANGE
            ? .malformed(variable: variable, value: value) : .failed(call: call, errno: number)
    }

    package var credentialsDirectory: String? { processVariable("CREDENTIALS_DIRECTORY") }
}
