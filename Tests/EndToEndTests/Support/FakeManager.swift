import Glibc
import Synchronization

/// A service manager as the daemon sees it: what it is told arrives here.
final class FakeManager: Sendable {
    let path: String
    private let descriptor: Int32
    private let told = Mutex<[String]>([])

    init(path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0, UnixAddress.with(path, { bind(descriptor, $0, $1) }) == 0 else {
            throw SystemFailure("bind \(path)")
        }
        chmod(path, 0o777)
    }

    deinit { close(descriptor) }

    /// Every assignment that has come so far, in order.
    var assignments: [String] { told.withLock { $0 } }

    /// Takes what has come and was not waited for.
    func drain() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while isReadable(descriptor, within: .zero), recv(descriptor, &buffer, buffer.count, 0) > 0 {}
    }

    /// Waits for an assignment that has not been waited for. False where `unless` becomes readable first.
    func wait(for assignment: String, unless process: ChildProcess? = nil, within limit: Duration = .seconds(20))
        async throws
    {
        try await wait("\(assignment) from the daemon", unless: process, within: limit) { $0 == assignment }
    }

    @discardableResult
    func wait(
        _ what: String, unless process: ChildProcess? = nil, within limit: Duration = .seconds(20),
        _ isIt: @escaping @Sendable (String) -> Bool
    ) async throws -> String {
        try await blocking { [self] in
            let clock = ContinuousClock()
            let deadline = clock.now + limit
            while clock.now < deadline {
                guard isReadable(descriptor, within: .milliseconds(100)) else {
                    if let process, !process.isRunning { throw TooLate(what: "\(what): it has ended") }
                    continue
                }
                var buffer = [UInt8](repeating: 0, count: 65_536)
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { throw SystemFailure("recv") }
                let lines = String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
                told.withLock { $0 += lines }
                if let found = lines.first(where: isIt) { return found }
            }
            throw TooLate(what: what)
        }
    }
}

/// The address of a Unix socket.
enum UnixAddress {
    static func with<Result>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
