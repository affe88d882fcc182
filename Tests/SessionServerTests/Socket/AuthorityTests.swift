import SessionCore
import SessionProtocol
import Synchronization
import Testing

/// An authority that writes down what it was asked.
private final class FakeAuthority: AuthorityAdministration {
    let calls = Mutex<[String]>([])
    let failure: AdministrationError?

    init(failure: AdministrationError? = nil) { self.failure = failure }

    private func called(_ text: String) throws(AdministrationError) {
        calls.withLock { $0.append(text) }
        if let failure { throw failure }
    }

    func users() throws(AdministrationError) -> [JSONValue] {
        try called("users")
        return [["username": "ada"]]
    }
    func addUser(username: String, password: Secret, name: String?, access: [String: String])
        async throws(AdministrationError) -> JSONValue
    {
        try called("add \(username) \(password.reveal()) \(name ?? "-") \(access.sorted { $0.key < $1.key })")
        return ["username": .string(username)]
    }
    func updateUser(username: String, name: String?, password: Secret?, disabled: Bool?, access: [String: String]?)
        async throws(AdministrationError) -> JSONValue
    {
        try called("update \(username) \(password != nil) \(disabled.map(String.init) ?? "-") \(access == nil)")
        return ["username": .string(username)]
    }
    func removeUser(username: String) throws(AdministrationError) { try called("remove \(username)") }
    func sessions(username: String?) throws(AdministrationError) -> [JSONValue] {
        try called("sessions \(username ?? "-")")
        return []
    }
    func revokeSession(id: String) throws(AdministrationError) { try called("revoke \(id)") }
    func grant(username: String, expiresInMinutes: Int) throws(AdministrationError) -> Secret {
        try called("grant \(username) \(expiresInMinutes)")
        guard let grant = Secret("g-1") else { throw .storeFailed }
        return grant
    }
    func jwks() throws(AdministrationError) -> [JSONValue] {
        try called("jwks")
        return [["kty": "EC"]]
    }
}

@Suite("Administration of the embedded authority on the socket")
struct AuthorityTests {
    private static let long = String(repeating: "é", count: 128)

    @Test(
        "each call reaches the authority, and its answer has the contract's shape",
        arguments: [
            ("authority.users", [:], "users", ["users": [["username": "ada"]]]),
            (
                "authority.user.add", ["username": "u", "password": "p", "access": ["reports": "r"]],
                "add u p - [(key: \"reports\", value: \"r\")]", ["user": ["username": "u"]]
            ),
            (
                "authority.user.update", ["username": "u", "disabled": true], "update u false true true",
                ["user": ["username": "u"]]
            ),
            ("authority.user.remove", ["username": "u"], "remove u", [:]),
            ("authority.sessions", ["profile": "default"], "sessions -", ["sessions": []]),
            ("authority.session.revoke", ["id": "s"], "revoke s", [:]),
            ("authority.grant", ["username": "u"], "grant u 60", ["accessToken": "g-1"]),
            ("authority.grant", ["username": "u", "expiresInMinutes": 5], "grant u 5", ["accessToken": "g-1"]),
            ("authority.jwks", [:], "jwks", ["keys": [["kty": "EC"]]]),
            // Usernames are counted in characters, which the authority does.
            ("authority.user.remove", ["username": .string(long)], "remove \(long)", [:]),
            ("authority.sessions", ["username": .string(long)], "sessions \(long)", ["sessions": []]),
            ("authority.grant", ["username": .string(long)], "grant \(long) 60", ["accessToken": "g-1"]),
        ] as [(String, JSONValue, String, JSONValue)])
    func calls(method: String, params: JSONValue, call: String, result: JSONValue) async throws {
        let authority = FakeAuthority()
        try await TestServer.with(authority: authority) { server in
            let answer = try await server.connect().call(method, params)
            #expect(answer["result"] == result)
            #expect(authority.calls.withLock { $0 } == [call])
        }
    }

    @Test(
        "what the authority refuses is said in the wire's words",
        arguments: [
            (.rejected(reason: "user_not_found"), 1007, "upstreamRejected"),
            (.invalidField(path: "username", expected: "a name"), -32602, "invalidParams"),
            (.storeFailed, 1008, "storeFailed"),
        ] as [(AdministrationError, Int64, String)])
    func refusals(failure: AdministrationError, code: Int64, kind: String) async throws {
        try await TestServer.with(authority: FakeAuthority(failure: failure)) { server in
            let client = try server.connect()
            for (method, params) in [
                ("authority.grant", ["username": "u"]), ("authority.user.update", ["username": "u"]),
            ] as [(String, JSONValue)] {
                let answer = try await client.call(method, params)
                #expect(answer["error"]?["code"] == .integer(code))
                #expect(answer.kind == kind)
            }
        }
    }

    @Test("a profile of another provider has no authority; the default profile need not be embedded")
    func otherProviders() async throws {
        let stytch = ProviderTraits(name: "stytch", objects: ["session", "user"], operations: [])
        try await TestServer.with([FakeProfile(traits: stytch)], authority: FakeAuthority()) { server in
            let client = try server.connect()
            #expect(try await client.call("authority.jwks")["result"] != nil)
            let refused = try await client.call("authority.jwks", ["profile": "default"])
            #expect(refused.kind == "notSupported")
            #expect(refused["error"]?["data"]?["provider"] == "stytch")
            #expect(try await client.call("authority.jwks", ["profile": "x"]).kind == "profileNotFound")
            let empty = try await client.call("authority.user.update", ["username": "u", "password": ""])
            #expect(empty["error"]?["data"]?["path"] == "password")
        }
    }
}
