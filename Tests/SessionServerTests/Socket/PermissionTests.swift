import Glibc
import SessionCore
import SessionProtocol
import SessionServer
import Testing

@Suite("Permissions on the socket")
struct PermissionTests {
    @Test(
        "every method asks for its permission, and only for it", arguments: MethodDescriptor.all.map(\.method.rawValue))
    func needs(method: String) async throws {
        let descriptor = try #require(MethodDescriptor.named[method])
        guard let needs = descriptor.needs else { return }
        let others = Set(Permission.allCases).subtracting([needs])
        try await TestServer.with(policy: TestServer.allowing(others)) { server in
            let answer = try await server.connect().call(method)
            #expect(answer.kind == "permissionDenied")
            #expect(answer["error"]?["data"]?["needs"]?.stringValue == needs.rawValue)
        }
    }

    @Test("who may do nothing can still say hello, ping, ask for health and the document")
    func nothing() async throws {
        try await TestServer.with(policy: TestServer.allowing([])) { server in
            let client = try server.connect()
            for method in ["server.hello", "server.ping", "server.health", "rpc.discover"] {
                #expect(try await client.call(method)["result"] != nil)
            }
        }
    }

    @Test("a profile out of reach looks the same whether it exists or not")
    func hiddenProfiles() async throws {
        let policy = TestServer.allowing([.read, .control], profiles: ["shop", "gone"])
        try await TestServer.with([FakeProfile(), FakeProfile("shop")], policy: policy) { server in
            let client = try server.connect()
            #expect(try await client.call("session.get", ["profile": "shop"])["result"] != nil)
            #expect(try await client.call("session.get").kind == "permissionDenied")
            #expect(try await client.call("session.get", ["profile": "nowhere"]).kind == "permissionDenied")
            #expect(try await client.call("session.get", ["profile": "gone"]).kind == "profileNotFound")
            let profiles = try await client.call("profile.list")["result"]?["profiles"]?.arrayValue
            #expect(profiles?.compactMap { $0["profile"]?.stringValue } == ["shop"])
            let status = try await client.call("server.status")["result"]?["profiles"]?.arrayValue
            #expect(status?.count == 1)
            let all = try await client.call("session.watch", ["all": true])["result"]?["state"]?.arrayValue
            #expect(all?.compactMap { $0["profile"]?.stringValue } == ["shop"])
            #expect(
                try await client.call("session.watch", ["profile": "shop", "topics": ["token"]]).kind
                    == "permissionDenied")
        }
    }

    @Test(
        "the policy: root and the daemon's user all, members three, rules add, nobody nothing",
        arguments: [
            (PeerCredentials(pid: 1, uid: 0, gid: 5), Set(Permission.allCases)),
            (PeerCredentials(pid: 1, uid: 900, gid: 5), Set(Permission.allCases)),
            (PeerCredentials(pid: 1, uid: 1000, gid: 50), Set<Permission>([.read, .token, .control])),
            (PeerCredentials(pid: 1, uid: 1000, gid: 5, groups: [7, 50]), Set<Permission>([.read, .token, .control])),
            (PeerCredentials(pid: 1, uid: 1001, gid: 5), Set<Permission>([])),
            (PeerCredentials(pid: 1, uid: 1002, gid: 5), Set<Permission>([.read])),
            (PeerCredentials(pid: 1, uid: 1002, gid: 5, groups: [60]), Set<Permission>([.read, .admin])),
            (PeerCredentials(pid: 1, uid: 65_534, gid: 50, groups: [60]), Set<Permission>([])),
            (PeerCredentials(pid: 1, uid: 1003, gid: 65_534), Set<Permission>([])),
        ] as [(PeerCredentials, Set<Permission>)])
    func policy(peer: PeerCredentials, everywhere: Set<Permission>) {
        var policy = AccessPolicy(
            daemonUser: 900, socketGroup: 50,
            rules: [
                .init(.user(1002), allow: [.read]), .init(.group(60), allow: [.admin]),
                .init(.group(65_534), allow: [.admin]), .init(.user(65_534), allow: [.admin]),
                .init(.user(1001), profiles: ["shop"], allow: [.token]),
            ])
        policy.isEveryIDKnown = false
        let grants = policy.grants(to: peer)
        #expect(grants.everywhere == everywhere)
        #expect(grants.allows(.token, profile: "shop") == (everywhere.contains(.token) || peer.uid == 1001))
        #expect(grants.allows(.token, profile: "default") == everywhere.contains(.token))
    }

    @Test("where every user has an id, nobody is a user like any other")
    func nobody() {
        let nobody = PeerCredentials(pid: 1, uid: 65_534, gid: 65_534)
        let rules: [AccessPolicy.Rule] = [.init(.user(65_534), allow: [.read]), .init(.group(65_534), allow: [.token])]
        var policy = AccessPolicy(daemonUser: 900, socketGroup: nil, rules: rules)
        policy.isEveryIDKnown = true
        #expect(policy.grants(to: nobody).everywhere == [.read, .token])
        policy.rules = []
        #expect(policy.grants(to: nobody).everywhere == [])
        policy.isEveryIDKnown = false
        policy.superusers = [65_534]
        #expect(policy.grants(to: nobody).everywhere == [])
    }

    @Test(
        "a map of ids is whole where one line covers them all",
        arguments: [
            ("         0          0 4294967295\n", true), ("0 1000 1\n", false), ("0 0 65536\n", false), ("", false),
            ("0 1000 1\n1 100000 65536\n", false),
        ])
    func idMaps(map: String, isWhole: Bool) { #expect(UserNamespace.mapsAll(map) == isWhole) }

    @Test("other permissions hold at once; a subscription that lost read is closed as revoked")
    func reload() async throws {
        let profile = FakeProfile()
        try await TestServer.with([profile], policy: TestServer.allowing([.read])) { server in
            let client = try server.connect()
            #expect(try await client.call("session.watch")["result"]?["subscription"] == "s1")
            client.request(7, "session.wait", ["until": ["locked"]])
            #expect(try await client.call("server.ping")["result"] != nil)
            await server.server.update(policy: TestServer.allowing([.token]))
            let lines = [try await client.next(), try await client.next()]
            let closed = lines.first { $0["method"] == "subscription.closed" }
            #expect(closed?["params"] == ["subscription": "s1", "reason": "revoked"])
            #expect(lines.first { $0["id"] == 7 }?.kind == "permissionDenied")
            profile.publish(phase: .active)
            #expect(try await client.call("session.get").kind == "permissionDenied")
        }
    }
}
