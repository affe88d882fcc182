import CLinux
import Glibc
import Logging
import SessionCore
import SessionProtocol
import SessionServer
import Synchronization
import Testing

@Suite("Listening")
struct ListenerTests {
    private static func server(_ listener: ServerConfiguration.Listener) throws -> SessionServer {
        try SessionServer(
            configuration: ServerConfiguration(listeners: [listener]),
            directory: ProfileDirectory(defaultProfile: "default", profiles: [FakeProfile()]),
            policy: TestServer.everything, authority: nil,
            environment: ServerEnvironment(
                version: "1", instance: "i", startedAt: 0, clock: FakeClock(),
                health: { HealthReport(isLive: true, isReady: true, status: .ok, checks: []) }, store: { [:] }),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private static func mode(_ path: String) -> mode_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    private static func listen(at path: String) throws -> CInt {
        let descriptor = cl_unix_stream_socket()
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
        try #require(Glibc.listen(descriptor, 8) == 0)
        return descriptor
    }

    private final class ModeLog: Sendable {
        let isOver = Atomic(false)
        let seen = Mutex<Set<mode_t>>([])
    }

    @Test(
        "the node has its mode whenever it is there, and is gone afterwards",
        arguments: [0o600, 0o660, 0o666] as [mode_t])
    func mode(wanted: mode_t) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/s.sock"
        let log = ModeLog()
        let watching = Task {
            while !log.isOver.load(ordering: .relaxed) {
                if let mode = Self.mode(path) { log.seen.withLock { _ = $0.insert(mode) } }
                await Task.yield()
            }
        }
        for _ in 0..<20 {
            let server = try Self.server(.node(SocketPath(path: path, mode: wanted)))
            try await server.start()
            #expect(Self.mode(path) == wanted)
            #expect(try await SocketClient(path).call("server.ping")["result"] != nil)
            await server.shutdown()
        }
        log.isOver.store(true, ordering: .relaxed)
        await watching.value
        #expect(log.seen.withLock { $0 }.subtracting([wanted]) == [])
        #expect(folder.entries == ["s.sock.lock"])
    }

    @Test("a daemon that lives is left alone, whether it takes part in the lock or not")
    func alive() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/s.sock"
        let first = try Self.server(.node(SocketPath(path: path)))
        try await first.start()
        let second = try Self.server(.node(SocketPath(path: path)))
        await #expect(throws: ListenError.alreadyRunning(path: path)) { try await second.start() }
        await second.shutdown()
        #expect(try await SocketClient(path).call("server.ping")["result"] != nil)
        await first.shutdown()
        let foreign = try Self.listen(at: path)
        let third = try Self.server(.node(SocketPath(path: path)))
        await #expect(throws: ListenError.alreadyRunning(path: path)) { try await third.start() }
        await third.shutdown()
        #expect(Self.mode(path) != nil)
        close(foreign)
        let fourth = try Self.server(.node(SocketPath(path: path)))
        try await fourth.start()
        #expect(try await SocketClient(path).call("server.ping")["result"] != nil)
        await fourth.shutdown()
    }

    @Test("a node that somebody else has put there meanwhile is not removed")
    func foreignNode() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/s.sock"
        let server = try Self.server(.node(SocketPath(path: path)))
        try await server.start()
        unlink(path)
        let foreign = try Self.listen(at: path)
        await server.shutdown()
        #expect(Self.mode(path) != nil)
        close(foreign)
    }

    @Test("an inherited socket is served and its node left where it is")
    func inherited() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/s.sock"
        let descriptor = try Self.listen(at: path)
        #expect(ListeningSocket.group(of: descriptor) == getegid())
        let server = try Self.server(.inherited(descriptor: descriptor))
        try await server.start()
        #expect(try await SocketClient(path).call("server.ping")["result"] != nil)
        await server.shutdown()
        #expect(Self.mode(path) != nil)
    }

    @Test("what is no socket is not touched")
    func noSocket() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/s.sock"
        close(cl_open(path, O_CREAT | O_WRONLY, 0o644))
        let server = try Self.server(.node(SocketPath(path: path)))
        await #expect(throws: ListenError.notASocket(path: path)) { try await server.start() }
        await server.shutdown()
        #expect(Self.mode(path) == 0o644)
    }

    @Test("a path that the kernel cannot hold is refused with its limit; the longest one works")
    func length() async throws {
        let folder = try TemporaryFolder()
        let room = 107 - folder.path.utf8.count - 1
        let long = folder.path + "/" + String(repeating: "s", count: room + 1)
        let refused = try Self.server(.node(SocketPath(path: long)))
        await #expect(throws: ListenError.pathTooLong(path: long, limit: 107)) { try await refused.start() }
        await refused.shutdown()
        let longest = folder.path + "/" + String(repeating: "s", count: room)
        let server = try Self.server(.node(SocketPath(path: longest)))
        try await server.start()
        #expect(try await SocketClient(longest).call("server.ping")["result"] != nil)
        await server.shutdown()
        let relative = try Self.server(.node(SocketPath(path: "s.sock")))
        await #expect(throws: ListenError.pathNotAbsolute(path: "s.sock")) { try await relative.start() }
        await relative.shutdown()
    }

    @Test("a folder that is missing is made, with the mode that its owner calls for")
    func folder() async throws {
        let folder = try TemporaryFolder()
        let inner = folder.path + "/run"
        let server = try Self.server(.node(SocketPath(path: inner + "/s.sock")))
        try await server.start()
        #expect(Self.mode(inner) == (geteuid() == 0 ? 0o755 : 0o700))
        await server.shutdown()
        unlink(inner + "/s.sock.lock")
        rmdir(inner)
    }
}
