import CTestProcess
import SessionProtocol
import Testing

extension Process {
    @Suite("Who may do what", .timeLimit(.minutes(1)), .needsRoot)
    struct PermissionTests {
        private static let configuration = """
            socket: {mode: "0666", group: 60001}
            access:
              - {user: 65501, allow: [read]}
              - {user: 65502, profiles: [shop], allow: [read, token]}
              - {group: 60002, allow: [control]}
              - {user: 65503, allow: [admin]}
            profiles: {default: {provider: embedded}, shop: {provider: embedded}}

            """

        struct Peer: Sendable, CustomStringConvertible {
            let description: String
            let uid: UInt32
            var groups: [UInt32] = []
            /// What it may do on the default profile, and on shop.
            let allowed: (Set<String>, Set<String>)

            func connect(_ daemon: DaemonProcess) throws -> WireConnection {
                let descriptor = ctp_connect_as(daemon.socket, uid, uid, groups, groups.count)
                guard descriptor >= 0 else { throw SystemFailure("connect as \(uid)") }
                return WireConnection(descriptor: descriptor)
            }
        }

        private static let everything: Set<String> = ["read", "token", "control", "admin"]
        static let peers: [Peer] = [
            Peer(description: "root", uid: 0, allowed: (everything, everything)),
            Peer(
                description: "a member of the socket's group", uid: 65500, groups: [60001],
                allowed: (["read", "token", "control"], ["read", "token", "control"])),
            Peer(description: "a stranger", uid: 65504, groups: [60009], allowed: ([], [])),
            Peer(description: "a reader", uid: 65501, allowed: (["read"], ["read"])),
            Peer(description: "one profile's user", uid: 65502, allowed: ([], ["read", "token"])),
            Peer(description: "a group's member", uid: 65504, groups: [60002], allowed: (["control"], ["control"])),
            Peer(description: "an administrator", uid: 65503, allowed: (["admin"], ["admin"])),
            Peer(
                description: "both", uid: 65501, groups: [60009, 60002],
                allowed: (["read", "control"], ["read", "control"])),
        ]

        /// A method a permission; none of them changes anything.
        private static let methods: [(String, String, JSONValue)] = [
            ("read", "session.get", [:]), ("token", "session.token", [:]),
            ("control", "session.invalidate", ["expect": ["revision": 9_999]]), ("admin", "authority.users", [:]),
            ("read", "session.watch", [:]), ("read", "session.list", [:]), ("read", "access.check", ["required": "*"]),
            ("token", "session.headers", [:]), ("control", "session.signIn", ["method": "nonsense"]),
        ]

        @Test("each peer may do what the rules give to it, by the kernel's word", arguments: peers)
        func table(peer: Peer) async throws {
            let daemon = try await DaemonProcess.start(configuration: Self.configuration)
            let connection = try peer.connect(daemon)
            for (profile, allowed) in [("default", peer.allowed.0), ("shop", peer.allowed.1)] {
                for (permission, method, params) in Self.methods {
                    var params = params.objectValue ?? [:]
                    params["profile"] = .string(profile)
                    let reply = try await connection.reply(method, .object(params))
                    let isDenied = reply["error"]?["data"]?["kind"] == "permissionDenied"
                    #expect(isDenied != allowed.contains(permission), "\(method) on \(profile): \(reply)")
                    if isDenied { #expect(reply["error"]?["data"]?["needs"] == .string(permission)) }
                }
            }
            for method in ["server.hello", "server.ping", "server.health", "rpc.discover"] {
                #expect(try await connection.reply(method)["result"] != nil, "\(method) is for everybody")
            }
        }

        @Test("whoever may not read a profile does not learn whether it exists, and lists show what one may read")
        func profiles() async throws {
            let daemon = try await DaemonProcess.start(configuration: Self.configuration)
            let limited = try #require(Self.peers.first { $0.uid == 65502 }).connect(daemon)
            for profile in ["default", "nobody"] {
                let failure = try await limited.failure("session.get", ["profile": .string(profile)])
                #expect(failure.kind == "permissionDenied")
            }
            #expect(try await limited.call("profile.list")["profiles"]?.arrayValue?.map { $0["profile"] } == ["shop"])
            #expect(try await limited.call("session.watch", ["all": true])["state"]?.arrayValue?.count == 1)
            #expect(try await limited.call("server.status")["profiles"]?.arrayValue?.count == 1)
            let root = try daemon.connect()
            try await root.signIn(profile: "default")
            try await root.signIn(profile: "shop")
            let told = try await limited.notification()
            #expect(told["params"]?["profile"] == "shop")
        }

        @Test("a socket that only its group may use keeps strangers out")
        func mode() async throws {
            let daemon = try await DaemonProcess.start(configuration: "socket: {mode: \"0660\", group: 60001}\n")
            #expect(throws: SystemFailure.self) {
                try Peer(description: "", uid: 65504, allowed: ([], [])).connect(daemon)
            }
            let member = Peer(description: "", uid: 65504, groups: [60001], allowed: ([], []))
            #expect(try await member.connect(daemon).call("session.get")["phase"] == "signedOut")
        }

        @Test("a reload takes permissions away from those who are connected")
        func revoked() async throws {
            let daemon = try await DaemonProcess.start(configuration: Self.configuration)
            let reader = try #require(Self.peers.first { $0.uid == 65501 }).connect(daemon)
            try await reader.call("session.watch")
            try daemon.folder.write("socket: {mode: \"0666\", group: 60001}\n", to: "etc/sessiond.yaml")
            try daemon.process.signal(1)
            let closed = try await reader.notification()
            #expect(closed["method"] == "subscription.closed" && closed["params"]?["reason"] == "revoked")
            #expect(try await reader.failure("session.get").kind == "permissionDenied")
        }
    }
}
