import Glibc
import SessionProtocol
import Testing

@testable import SessionClient

@Suite("Who may serve the socket", .timeLimit(.minutes(1)))
struct ServerTrustTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let peer: uid_t?
        let path: String
        let isTrusted: Bool

        init(_ description: String, peer: uid_t?, at path: String, _ isTrusted: Bool) {
            testDescription = description
            self.peer = peer
            self.path = path
            self.isTrusted = isTrusted
        }
    }

    static let folder = S_IFDIR | 0o755
    static let sticky = S_IFDIR | S_ISVTX | 0o777
    static let open = S_IFDIR | 0o777
    static let socket = S_IFSOCK | 0o660
    static let link = S_IFLNK | 0o777

    /// The caller is 1000, the daemon's user 990, an attacker 666.
    static let nodes: [String: FileNode] = [
        "/": FileNode(owner: 0, mode: folder), "/run": FileNode(owner: 0, mode: folder),
        "/run/sessiond": FileNode(owner: 990, mode: folder),
        "/run/sessiond/s": FileNode(owner: 990, mode: socket),
        "/run/sessiond/other": FileNode(owner: 666, mode: socket),
        "/run/root": FileNode(owner: 0, mode: folder), "/run/root/s": FileNode(owner: 990, mode: socket),
        "/run/root/handed": FileNode(owner: 0, mode: socket), "/run/open/handed": FileNode(owner: 0, mode: socket),
        "/run/open": FileNode(owner: 0, mode: open), "/run/open/s": FileNode(owner: 990, mode: socket),
        "/run/group": FileNode(owner: 990, mode: S_IFDIR | 0o775), "/run/group/s": FileNode(owner: 990, mode: socket),
        "/run/alien": FileNode(owner: 666, mode: folder), "/run/alien/s": FileNode(owner: 990, mode: socket),
        "/var": FileNode(owner: 0, mode: folder), "/var/run": FileNode(owner: 0, mode: link),
        "/tmp": FileNode(owner: 0, mode: sticky), "/tmp/s": FileNode(owner: 666, mode: socket),
        "/tmp/evil": FileNode(owner: 666, mode: folder), "/tmp/evil/s": FileNode(owner: 666, mode: socket),
        "/tmp/mine": FileNode(owner: 1000, mode: S_IFDIR | 0o700), "/tmp/mine/s": FileNode(owner: 666, mode: socket),
        "/tmp/link": FileNode(owner: 666, mode: link), "/home": FileNode(owner: 0, mode: folder),
        "/home/evil": FileNode(owner: 666, mode: folder), "/home/evil/s": FileNode(owner: 666, mode: socket),
        "/loop": FileNode(owner: 0, mode: link),
    ]
    static let links = ["/var/run": "../run", "/tmp/link": "/home/evil", "/loop": "/loop"]

    @Test(arguments: [
        Case("root, as with socket activation by the system", peer: 0, at: "/tmp/evil/s", true),
        Case("the caller's own user, as with its own manager", peer: 1000, at: "/tmp/mine/s", true),
        Case("the daemon's user in the folder that root made for it", peer: 990, at: "/run/sessiond/s", true),
        Case("the daemon's user in root's folder", peer: 990, at: "/run/root/s", true),
        Case("the daemon's user on a socket that systemd handed over", peer: 990, at: "/run/root/handed", true),
        Case("a socket of root's in a folder that anybody can write", peer: 990, at: "/run/open/handed", false),
        Case("through root's symbolic link", peer: 990, at: "/var/run/sessiond/s", true),
        Case("another user than the socket's owner", peer: 666, at: "/run/sessiond/s", false),
        Case("another user's socket in the daemon's folder", peer: 666, at: "/run/sessiond/other", false),
        Case("a folder that anybody can write", peer: 990, at: "/run/open/s", false),
        Case("a folder that a group can write", peer: 990, at: "/run/group/s", false),
        Case("another user's folder", peer: 990, at: "/run/alien/s", false),
        Case("a socket in /tmp", peer: 666, at: "/tmp/s", false),
        Case("an attacker's own folder in /tmp", peer: 666, at: "/tmp/evil/s", false),
        Case("an attacker's symbolic link to its home", peer: 666, at: "/tmp/link/s", false),
        Case("an attacker's home, which the caller named", peer: 666, at: "/home/evil/s", true),
        Case("the caller's private folder in /tmp", peer: 666, at: "/tmp/mine/s", true),
        Case("links without end", peer: 990, at: "/loop/s", false),
        Case("a path through a trusted folder's ..", peer: 990, at: "/run/root/../sessiond/s", true),
        Case("a path through an attacker's ..", peer: 990, at: "/run/alien/../sessiond/s", false),
        Case("a folder", peer: 990, at: "/run/sessiond", false),
        Case("a path through a socket", peer: 990, at: "/run/sessiond/s/s", false),
        Case("a relative path", peer: 990, at: "run/sessiond/s", false),
        Case("a path that is not there", peer: 990, at: "/run/sessiond/none", false),
        Case("the kernel does not say who", peer: nil, at: "/run/sessiond/s", false),
    ])
    func verdict(_ test: Case) {
        let trust = ServerTrust(
            ownUser: 1000, peer: { _ in test.peer }, node: { Self.nodes[$0] }, linkTarget: { Self.links[$0] })
        do throws(SessionError) {
            try trust.check(3, path: test.path)
            #expect(test.isTrusted)
        } catch {
            #expect(!test.isTrusted)
            #expect(error.kind == .untrustedServer)
        }
    }

    @Test("an impostor is refused and gets no byte")
    func impostor() async throws {
        let daemon = try FakeDaemon()
        var trust = ServerTrust.kernel
        trust.peer = { _ in 666 }
        trust.node = { $0 == daemon.path ? FileNode(owner: 667, mode: Self.socket) : FileNode(at: $0) }
        let error = await #expect(throws: SessionError.self) {
            try await SessionClient.connect(to: [daemon.path], trust: trust)
        }
        #expect(error?.kind == .untrustedServer)
        // What comes first is of a client that believes the server.
        try await daemon.client().call("server.ping")
        var first: String?
        for await request in daemon.requests {
            first = request.method
            break
        }
        #expect(first == "server.ping")
    }

    @Test("the kernel's word on a real socket is this user")
    func kernel() async throws {
        let daemon = try FakeDaemon()
        let (descriptor, path) = try StreamSocket.connect(toFirstOf: ["/nonexistent/s", daemon.path], trust: .kernel)
        defer { close(descriptor) }
        #expect(path == daemon.path)
        #expect(ServerTrust.kernel.peer(descriptor) == geteuid())
    }

    @Test(
        "the socket is looked for where the user said, else at the user's place, then at the system's",
        arguments: [
            (["SESSIOND_SOCKET": "/x/s", "XDG_RUNTIME_DIR": "/run/user/1000"], ["/x/s"]),
            (
                ["SESSIOND_SOCKET": "", "XDG_RUNTIME_DIR": "/run/user/1000"],
                ["/run/user/1000/sessiond/sessiond.sock", "/run/sessiond/sessiond.sock"]
            ),
            (["XDG_RUNTIME_DIR": "/run/user/0"], ["/run/sessiond/sessiond.sock"]),
            (["XDG_RUNTIME_DIR": "relative"], ["/run/sessiond/sessiond.sock"]), ([:], ["/run/sessiond/sessiond.sock"]),
        ])
    func location(environment: [String: String], expected: [String]) {
        let found = SocketLocation.candidates(environment: { environment[$0] }, owns: { $0 == "/run/user/1000" })
        #expect(found == expected)
    }
}
