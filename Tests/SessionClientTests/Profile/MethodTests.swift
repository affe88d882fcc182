import SessionProtocol
import Testing

@testable import SessionClient

/// What each method of the API says on the wire, and that it reads the answer.
struct WireCase: Sendable, CustomTestStringConvertible {
    let method: String
    let params: [String: JSONValue]
    let result: JSONValue
    let call: @Sendable (SessionClient) async throws -> Bool
    var testDescription: String { "\(method) \(params)" }

    init(
        _ method: String, _ params: [String: JSONValue] = [:], _ result: JSONValue,
        _ call: @escaping @Sendable (SessionClient) async throws -> Bool
    ) {
        self.method = method
        self.params = params
        self.result = result
        self.call = call
    }
}

@Suite("Methods on the wire", .timeLimit(.minutes(1)))
struct MethodTests {
    static let snapshot = Samples.snapshot().json
    static let step: JSONValue = ["outcome": "signedIn", "snapshot": snapshot]

    @Test(arguments: serverCases + readCases + signInCases + changeCases + authorityCases)
    func method(_ test: WireCase) async throws {
        let daemon = try FakeDaemon()
        daemon.on(test.method) { $0.answer(test.result) }
        #expect(try await test.call(try await daemon.client()))
        let request = try #require(await daemon.next(test.method))
        #expect(request.params == test.params)
    }

    @Test("a challenge comes with the result, and is answered by its id")
    func challenge() async throws {
        var state = Samples.snapshot(session: nil)
        state.phase = .challenged
        state.challenge = Challenge(id: "c1", kind: "otp", expiresAt: nil, details: ["sentTo": "a…@example.com"])
        let daemon = try FakeDaemon()
        let json = state.json
        daemon.on("session.signIn") { $0.answer(["outcome": "challenge", "snapshot": json]) }
        daemon.on("session.answer") { $0.answer(Self.step) }
        let profile = try await daemon.client().profile("shop")
        let result = try await profile.signIn(.otp(email: "ada@example.com"))
        #expect(result.outcome == .challenge)
        let challenge = try #require(result.challenge)
        #expect(try await profile.answer(challenge, with: .code("123456")).outcome == .signedIn)
        let request = try #require(await daemon.next("session.answer"))
        #expect(request.params == ["profile": "shop", "challenge": "c1", "code": "123456"])
    }
}

extension MethodTests {
    static let serverCases: [WireCase] = [
        WireCase(
            "server.hello", ["protocol": ["min": 1, "max": 1], "client": ["name": "x", "version": "2"]],
            [
                "protocol": 1, "server": ["name": "sessiond", "version": "1.0"], "instance": "i", "features": ["a"],
                "limits": ["maxDepth": 32],
            ]
        ) { client in
            let greeting = try await client.hello(name: "x", version: "2")
            return greeting.name == "sessiond" && greeting.limits == ["maxDepth": 32]
        },
        WireCase("server.ping", [:], [:]) { try await $0.ping() > .zero },
        WireCase(
            "server.health", [:],
            [
                "live": true, "ready": false, "status": "failing",
                "checks": [["name": "store", "ok": false, "detail": "read-only", "ageMs": 5]],
            ]
        ) { client in
            let health = try await client.health()
            return health.isLive && !health.isReady && health.checks.first?.age == .milliseconds(5)
        },
        WireCase("server.status", [:], ["version": "1"]) { try await $0.status()["version"] == "1" },
        WireCase("rpc.discover", [:], ["openrpc": "1.3"]) { try await $0.discover()["openrpc"] == "1.3" },
        WireCase(
            "profile.list", [:],
            [
                "profiles": [
                    ["profile": "a", "provider": "embedded", "phase": "active", "isDefault": true],
                    ["profile": "b", "provider": "new", "phase": "hibernating", "isDefault": false],
                ]
            ]
        ) { client in
            let profiles = try await client.profiles()
            return profiles.map(\.phase) == [.active, nil]
        },
    ]

    static let readCases: [WireCase] = [
        WireCase("session.get", [:], snapshot) { try await $0.profile().session().number == 0 },
        WireCase("session.get", ["profile": "shop"], snapshot) {
            try await $0.profile("shop").object("organization") == .unavailable(.notProvided)
        },
        WireCase("user.get", [:], ["state": "loading"]) { try await $0.profile().user() == .loading },
        WireCase("session.wait", ["until": ["active", "stale"], "timeoutMs": 1500], snapshot) {
            try await $0.profile().wait(until: [.stale, .active], timeout: .milliseconds(1500)) == Samples.snapshot()
        },
        WireCase(
            "session.token", ["minValidMs": 60_000],
            [
                "profile": "default", "revision": 3, "stale": false, "expiresAt": nil,
                "tokens": ["sessionToken": "opaque", "sessionJwt": "a.b.c"], "jwtExpiresAt": 9,
            ]
        ) { client in
            let tokens = try await client.profile().tokens(minimumValidity: .seconds(60))
            return tokens.sessionToken?.reveal() == "opaque" && tokens.sessionJWT?.reveal() == "a.b.c"
                && tokens.jwtExpiresAt == 9 && !tokens.isStale && !"\(tokens)".contains("opaque")
        },
        WireCase("session.headers", [:], ["headers": ["Authorization": "Bearer opaque"]]) { client in
            let headers = try await client.profile().headers()
            return headers.reveal() == ["Authorization": "Bearer opaque"]
        },
        WireCase(
            "session.list", ["timeoutMs": 1],
            ["sessions": [["id": "x", "current": true, "createdAt": 4, "value": ["a": 1]]]]
        ) { client in
            let sessions = try await client.profile().sessions(timeout: .microseconds(1))
            return sessions.first?.createdAt == 4
        },
        WireCase("user.fetch", [:], ["state": "available", "lastValidatedAt": 1, "value": ["name": "Ada"]]) {
            try await $0.profile().fetchUser().value?["name"] == "Ada"
        },
        WireCase("account.list", [:], ["accounts": [["id": "1", "title": "One"]], "current": "1"]) {
            try await $0.profile().accounts().accounts.first?.title == "One"
        },
        WireCase("access.check", ["required": "reports:r"], ["allowed": true, "lastValidatedAt": 7]) {
            try await $0.profile().access(to: "reports:r").lastValidatedAt == 7
        },
        WireCase("access.check", ["resource": "reports", "action": "read"], ["allowed": false]) {
            try await !$0.profile().isAllowed(action: "read", on: "reports")
        },
        WireCase("alerts.list", [:], ["alerts": [["id": 1]]]) { try await $0.profile().alerts().count == 1 },
    ]

    static let signInCases: [WireCase] = [
        WireCase(
            "session.signIn",
            ["method": "password", "username": "ada", "password": "p", "sessionDurationMinutes": 60], step
        ) { client in
            let method = SignInMethod.password(username: "ada", password: "p")
            return try await client.profile().signIn(method, sessionDuration: .minutes(60)).outcome == .signedIn
        },
        WireCase(
            "session.signIn", ["method": "new", "field": 1, "expect": ["revision": 4], "timeoutMs": 2000], step
        ) { client in
            try await client.profile().signIn(
                method: "new", fields: ["field": 1], expecting: Expectation(revision: 4), timeout: .seconds(2)
            ).snapshot == Samples.snapshot()
        },
        WireCase("session.signIn", ["method": "discovery", "email": "a@b"], step) {
            try await $0.profile().signIn(.discovery(email: "a@b")).outcome == .signedIn
        },
        WireCase(
            "session.signUp", ["method": "password", "username": "ada", "password": "p", "name": "Ada"], step
        ) { client in
            try await client.profile().signUp(.password(username: "ada", password: "p"), name: "Ada").outcome
                == .signedIn
        },
        WireCase("session.exchange", ["accessToken": "t"], step) {
            try await $0.profile().exchange(accessToken: "t").challenge == nil
        },
        WireCase("session.exchange", ["organizationId": "o", "sessionDurationMinutes": 5], step) {
            try await $0.profile().exchange(organizationID: "o", sessionDuration: .seconds(241)).challenge == nil
        },
    ]

    static let changeCases: [WireCase] = [
        WireCase("session.authenticate", [:], snapshot) { try await $0.profile().authenticate() == Samples.snapshot() },
        WireCase(
            "session.authenticate",
            ["sessionDurationMinutes": 60, "expect": ["instance": "i", "revision": 1]], snapshot
        ) { client in
            try await client.profile().authenticate(
                extendingTo: .minutes(60), expecting: .unchanged(since: Samples.snapshot())
            ).number == 0
        },
        WireCase("session.update", ["sessionToken": "t", "user": ["name": "Ada"]], snapshot) {
            try await $0.profile().update(sessionToken: "t", user: ["name": "Ada"]) == Samples.snapshot()
        },
        WireCase("session.revoke", ["target": "others"], revoked) { client in
            let revocation = try await client.profile().revoke(.others)
            return revocation.isConfirmed && !revocation.isPending
        },
        WireCase("session.revoke", ["target": ["id": "x"], "force": true], revoked) {
            try await $0.profile().revoke(.session(id: "x"), force: true).snapshot == Samples.snapshot()
        },
        WireCase("session.invalidate", [:], ["snapshot": snapshot, "signInURL": "https://example.com"]) {
            try await $0.profile().invalidate().signInURL == "https://example.com"
        },
        WireCase("session.clearLocal", [:], snapshot) { try await $0.profile().clearLocal() == Samples.snapshot() },
        WireCase("session.lock", [:], snapshot) { try await $0.profile().lock() == Samples.snapshot() },
        WireCase("session.unlock", ["password": "p"], snapshot) {
            try await $0.profile().unlock(password: "p") == Samples.snapshot()
        },
        WireCase("user.update", ["user": ["name": "Ada"]], snapshot) {
            try await $0.profile().updateUser(["name": "Ada"]) == Samples.snapshot()
        },
        WireCase("account.switch", ["accountId": "2"], snapshot) {
            try await $0.profile().switchAccount(to: "2") == Samples.snapshot()
        },
    ]
    static let revoked: JSONValue = ["confirmed": true, "pending": false, "snapshot": snapshot]

    static let authorityCases: [WireCase] = [
        WireCase("authority.users", [:], ["users": [user]]) {
            try await $0.authority().users().first?.access == ["reports": "r"]
        },
        WireCase(
            "authority.user.add",
            ["profile": "shop", "username": "ada", "password": "p", "access": ["reports": "r"]], ["user": user]
        ) { client in
            let authority = client.authority(profile: "shop")
            return try await authority.addUser(username: "ada", password: "p", access: ["reports": "r"]).id == "1"
        },
        WireCase("authority.user.update", ["username": "ada", "disabled": true], ["user": user]) {
            try await $0.authority().updateUser(username: "ada", isDisabled: true).username == "ada"
        },
        WireCase("authority.user.remove", ["username": "ada"], [:]) {
            try await $0.authority().removeUser(username: "ada")
            return true
        },
        WireCase(
            "authority.sessions", ["username": "ada"],
            ["sessions": [["id": "s", "username": "ada", "startedAt": 1, "expiresAt": 2, "lastSeenAt": 1]]]
        ) { try await $0.authority().sessions(of: "ada").first?.expiresAt == 2 },
        WireCase("authority.session.revoke", ["id": "s"], [:]) {
            try await $0.authority().revokeSession(id: "s")
            return true
        },
        WireCase("authority.grant", ["username": "ada", "expiresInMinutes": 5], ["accessToken": "t"]) {
            try await $0.authority().grant(username: "ada", validity: .minutes(5)).reveal() == "t"
        },
        WireCase("authority.jwks", [:], ["keys": [["kid": "1"]]]) {
            try await $0.authority().keys().count == 1
        },
    ]
    static let user: JSONValue = [
        "id": "1", "username": "ada", "disabled": false, "createdAt": 1, "access": ["reports": "r"],
    ]
}
