import Glibc
import Logging
import SessionCore
import SessionProtocol
import SessionServer
import Testing

/// A folder of its own that is gone afterwards.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/sessiond-server-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit {
        for entry in entries { unlink("\(path)/\(entry)") }
        rmdir(path)
    }

    var entries: [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}

/// A server on a real socket, serving fakes.
struct TestServer {
    let server: SessionServer
    let clock: FakeClock
    let folder: TemporaryFolder
    var socket: String { folder.path + "/s.sock" }

    static let everything = AccessPolicy(superusers: [geteuid()], socketGroup: nil, rules: [])

    static func allowing(_ permissions: Set<Permission>, profiles: Set<String>? = nil) -> AccessPolicy {
        AccessPolicy(
            superusers: [], socketGroup: nil,
            rules: [.init(.user(geteuid()), profiles: profiles, allow: permissions)])
    }

    init(
        _ profiles: [FakeProfile], limits: Limits = Limits(), policy: AccessPolicy = everything,
        authority: (any AuthorityAdministration)? = nil, ownProcess: pid_t? = nil
    ) async throws {
        let folder = try TemporaryFolder()
        let clock = FakeClock()
        self.folder = folder
        self.clock = clock
        server = try SessionServer(
            configuration: ServerConfiguration(
                listeners: [.node(SocketPath(path: folder.path + "/s.sock", mode: 0o600))], limits: limits,
                ownProcess: ownProcess),
            directory: ProfileDirectory(defaultProfile: "default", profiles: profiles), policy: policy,
            authority: authority,
            environment: ServerEnvironment(
                version: "1.2.3", instance: "i-1", startedAt: 11, clock: clock,
                health: { HealthReport(isLive: true, isReady: true, status: .ok, checks: []) },
                store: { ["records": 1] }),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        for profile in profiles { profile.tellChanges { [server] in server.profileChanged($0) } }
        try await server.start()
    }

    func connect() throws -> SocketClient { try SocketClient(socket) }

    /// Runs `body` against a server, and stops it whatever comes of that.
    static func with(
        _ profiles: [FakeProfile] = [FakeProfile()], limits: Limits = Limits(), policy: AccessPolicy = everything,
        authority: (any AuthorityAdministration)? = nil, _ body: (TestServer) async throws -> Void
    ) async throws {
        let server = try await TestServer(profiles, limits: limits, policy: policy, authority: authority)
        do {
            try await body(server)
        } catch {
            for profile in profiles { profile.gate.open() }
            await server.server.shutdown()
            throw error
        }
        for profile in profiles { profile.gate.open() }
        await server.server.shutdown()
    }
}

extension JSONValue {
    /// The error's kind, where this is an answer with an error.
    var kind: String? { self["error"]?["data"]?["kind"]?.stringValue }
    var phase: String? { self["phase"]?.stringValue }
}
