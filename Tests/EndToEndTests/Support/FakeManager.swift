import CTestProcess
import Dispatch
import Glibc
import Synchronization

/// A service manager as the daemon sees it: what it is told arrives here, and what it is to keep is kept here.
final class FakeManager: Sendable {
    /// What a service has had kept.
    struct Kept: Sendable, Hashable {
        let name: String
        let descriptor: Int32
    }
    private struct State {
        /// Datagrams that have come and were not waited for, by lines.
        var pending: [[String]] = []
        var told: [String] = []
        /// Every line that has come.
        var heard: Set<String> = []
        var kept: [Kept] = []
        /// The names under which something was kept and let go of, in order: `+name`, `-name`.
        var history: [String] = []
    }

    let path: String
    private let descriptor: Int32
    private let state = Mutex(State())

    init(path: String) throws {
        self.path = path
        let made = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard made >= 0, UnixAddress.with(path, { bind(made, $0, $1) }) == 0 else {
            throw SystemFailure("bind \(path)")
        }
        chmod(path, 0o777)
        descriptor = made
        // Takes what comes at once: a queue that nobody empties would hold up the daemon, as no manager's does.
        DispatchQueue(label: "fake manager").async { [weak self] in
            while self?.takeIn() != nil { _ = isReadable(made, within: .milliseconds(100)) }
            close(made)
        }
    }

    deinit {
        state.withLock { state in
            for one in state.kept { close(one.descriptor) }
        }
    }

    /// Every assignment that has come so far, in order.
    var assignments: [String] { state.withLock { $0.told } }

    /// Whether it has come, waited for or not, since the last `drain`.
    func hasHeard(_ assignment: String) -> Bool {
        takeIn()
        return state.withLock { $0.heard.contains(assignment) }
    }

    /// What is kept now.
    var kept: [Kept] {
        takeIn()
        return state.withLock { $0.kept }
    }

    var history: [String] {
        takeIn()
        return state.withLock { $0.history }
    }

    /// Has something kept as if the service had asked for it.
    func keep(_ descriptor: Int32, as name: String) {
        state.withLock { $0.kept.append(Kept(name: name, descriptor: descriptor)) }
    }

    /// Takes what has come and was not waited for.
    func drain() {
        takeIn()
        state.withLock { state in
            state.pending = []
            state.heard = []
        }
    }

    private func takeIn() {
        state.withLock { state in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                var handed: Int32 = -1
                let count = ctp_receive(descriptor, &buffer, buffer.count, &handed)
                guard count > 0 else { return }
                let lines = String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
                state.pending.append(lines)
                state.heard.formUnion(lines)
                let name = lines.first { $0.hasPrefix("FDNAME=") }.map { String($0.dropFirst(7)) } ?? "stored"
                if lines.contains("FDSTORE=1"), handed >= 0 {
                    state.kept.append(Kept(name: name, descriptor: handed))
                    state.history.append("+" + name)
                } else if handed >= 0 {
                    close(handed)
                }
                if lines.contains("FDSTOREREMOVE=1") {
                    for one in state.kept where one.name == name { close(one.descriptor) }
                    state.kept.removeAll { $0.name == name }
                    state.history.append("-" + name)
                }
            }
        }
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
                takeIn()
                let lines = state.withLock { state -> [String]? in
                    guard !state.pending.isEmpty else { return nil }
                    let lines = state.pending.removeFirst()
                    state.told += lines
                    return lines
                }
                guard let lines else {
                    _ = isReadable(descriptor, within: .milliseconds(10))
                    if let process, !process.isRunning { throw TooLate(what: "\(what): it has ended") }
                    continue
                }
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
