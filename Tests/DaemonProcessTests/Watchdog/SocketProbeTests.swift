import DaemonProcess
import Glibc
import Testing

@Suite("The socket's probe", .timeLimit(.minutes(1)))
struct SocketProbeTests {
    /// A socket that listens and accepts nobody, with its queue full.
    static func listener(at path: String, backlog: Int32) -> (Int32, waiting: [Int32]) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        func with(_ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
            withUnsafePointer(to: address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    call($0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        precondition(with { bind(listener, $0, $1) } == 0 && listen(listener, backlog) == 0)
        var waiting: [Int32] = []
        while true {
            let client = socket(
                AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
            guard with({ connect(client, $0, $1) }) == 0 else {
                precondition(errno == EAGAIN)
                close(client)
                return (listener, waiting)
            }
            waiting.append(client)
        }
    }

    private static func folder() throws -> String {
        var template = Array("/tmp/sessiond-probe-XXXXXX".utf8CString)
        return try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    @Test("a full queue is silence, and held for no longer than that; a closed socket and a path to nothing are death")
    func outcomes() throws {
        let folder = try Self.folder()
        let path = folder + "/s"
        defer { rmdir(folder) }
        let probe = try #require(SocketProbe(path: path))
        #expect(probe.ping(within: .seconds(5)) == .dead)
        let (listener, waiting) = Self.listener(at: path, backlog: 0)
        defer { for client in waiting { close(client) } }
        let began = ContinuousClock.now
        #expect(probe.ping(within: .milliseconds(100)) == .silent)
        #expect(ContinuousClock.now - began < .seconds(5))
        close(listener)
        #expect(probe.ping(within: .seconds(5)) == .dead)
        unlink(path)
    }

    @Test("a socket that was handed in is tried at its own address; that its node is gone, or dead, is no death")
    func inherited() throws {
        let folder = try Self.folder()
        let path = folder + "/s"
        defer { rmdir(folder) }
        let (listener, waiting) = Self.listener(at: path, backlog: 4)
        defer { for descriptor in waiting + [listener] { close(descriptor) } }
        let probe = try #require(SocketProbe(inherited: listener))
        #expect(probe.ping(within: .milliseconds(50)) == .silent)
        unlink(path)
        #expect(probe.ping(within: .seconds(5)) == .closed(LinuxError(call: "connect", errno: ENOENT)))
        // Somebody else's dead socket at that path: no restart of this daemon would make the right one anew.
        let other = Self.listener(at: path, backlog: 0)
        for descriptor in other.waiting + [other.0] { close(descriptor) }
        #expect(probe.ping(within: .seconds(5)) == .closed(LinuxError(call: "connect", errno: ECONNREFUSED)))
        unlink(path)
    }

    @Test("what has no address of a Unix socket cannot be tried")
    func none() {
        #expect(SocketProbe(path: "") == nil)
        #expect(SocketProbe(path: "/" + String(repeating: "x", count: 107)) == nil)
        #expect(SocketProbe(inherited: -1) == nil)
        let unbound = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(unbound) }
        #expect(SocketProbe(inherited: unbound) == nil)
    }
}
