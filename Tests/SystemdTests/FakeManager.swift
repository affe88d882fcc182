import CTestProcess
import Glibc

@testable import Systemd

/// A service manager as a service sees it: a datagram socket.
final class FakeManager {
    private let descriptor: Int32
    private let path: String?
    let notifySocket: String

    /// - Parameter isAbstract: bind in the abstract namespace instead of the file system.
    init?(isAbstract: Bool) {
        let unique = "sessiond-manager-\(getpid())-\(UInt64.random(in: 0 ..< .max))"
        path = isAbstract ? nil : "/tmp/\(unique)"
        notifySocket = isAbstract ? "@\(unique)" : "/tmp/\(unique)"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0, let address = NotifyAddress(notifySocket), address.bind(descriptor) == 0 else {
            return nil
        }
    }

    deinit {
        close(descriptor)
        if let path { unlink(path) }
    }

    /// The next datagram; nil where none comes within five seconds.
    func receive() -> String? {
        var readiness = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&readiness, 1, 5000) == 1 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// The next datagram, its descriptor with it. The descriptor is -1 where none came.
    func receiveWithDescriptor() -> (text: String, descriptor: Int32)? {
        var readiness = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&readiness, 1, 5000) == 1 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var handed: Int32 = -1
        let count = ctp_receive(descriptor, &buffer, buffer.count, &handed)
        return count < 0 ? nil : (String(decoding: buffer[..<count], as: UTF8.self), handed)
    }

    var isQuiet: Bool {
        var readiness = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&readiness, 1, 0) == 0
    }
}

/// The two ways to speak with a manager; what holds for one holds for the other.
enum Conformer: String, Sendable, CaseIterable, Codable {
    case libsystemd, plain

    var manager: any ServiceManager {
        switch self {
        case .libsystemd: LibsystemdManager()
        case .plain: PlainManager()
        }
    }
}
