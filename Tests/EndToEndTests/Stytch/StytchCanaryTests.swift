import FakeServices
import SessionProtocol
import Testing

extension Stytch {
    @Suite("Stytch's secrets stay inside", .timeLimit(.minutes(1)))
    struct CanaryTests {
        private static let password = "canary-3c1d-password"
        private static let wrongPassword = "canary-9e02-mistyped"

        @Test(
            "no password, code, link, token or secret of a whole run is found in logs, files, arguments or environment",
            arguments: [true, false])
        func consumer(isServer: Bool) async throws {
            let site = try await StytchSite()
            let user = site.fake.addUser(
                email: StytchSite.email, password: Self.password, totp: true, recoveryCodes: ["canary-55e1-recovery"])
            let folder = try TemporaryFolder()
            try folder.write(site.fake.secret, to: "secret", mode: 0o600)
            let daemon = try await site.daemon(
                configuration: isServer
                    ? site.serverConfiguration(secret: "{file: \(folder.path)/secret}") : site.configuration(),
                arguments: ["--log-level", "trace"])
            let run = try CanaryRun(daemon, [Self.password, Self.wrongPassword, "canary-55e1-recovery"])
            await site.pull()
            try await run.say("session.signIn", Self.signIn(Self.password))
            try await site.putBack()
            site.fake.script(.html(status: 503), .truncated(after: 40), on: "passwords/authenticate")
            for _ in 0..<3 { try await run.say("session.signIn", Self.signIn(Self.password)) }
            try await run.say("session.signIn", Self.signIn(Self.wrongPassword))
            try await run.say("session.signIn", ["method": "otp", "email": "ada", "code": .string(Self.password)])
            try await run.keepTokens()

            try await run.say("session.signIn", ["method": "otp", "email": .string(StytchSite.email)])
            try await run.answer(["code": "987654"])
            run.secrets.insert(site.fake.code(to: StytchSite.email) ?? "")
            try await run.answer(["code": .string(site.fake.code(to: StytchSite.email) ?? "")])
            try await run.say("session.signIn", ["method": "magicLink", "email": .string(StytchSite.email)])
            let link = site.fake.link(to: StytchSite.email) ?? ""
            run.secrets.formUnion([link, site.fake.links.last?.challenge ?? ""])
            try await run.answer(["token": .string(link)])
            try await run.say("session.signIn", ["method": "recoveryCode", "code": "canary-55e1-recovery"])
            try await run.keepTokens()

            let grant = site.fake.addGrant(.accessToken(clientID: "client-1"), for: user)
            run.secrets.insert(grant)
            try await run.say("session.exchange", ["accessToken": .string(grant)])
            try await run.keepTokens()
            let elsewhere = site.fake.openSession(of: user)
            run.secrets.insert(elsewhere.token)
            try await run.say("session.update", ["sessionToken": .string(elsewhere.token)])
            try await run.finish(site)
        }

        @Test("no token of a sign-in in steps is found anywhere, the intermediate ones among them")
        func member() async throws {
            let site = try await StytchSite(.b2b)
            let organization = site.fake.addOrganization(requiresMFA: true)
            site.fake.addMember(
                of: organization, email: StytchSite.email, password: Self.password, phone: "+15005550006")
            let daemon = try await site.daemon(arguments: ["--log-level", "trace"])
            let run = try CanaryRun(daemon, [Self.password])
            try await run.say(
                "session.signIn",
                ["method": "discovery", "email": .string(StytchSite.email), "password": .string(Self.password)])
            try await run.answer(["organizationId": .string(organization)])
            try await run.answer(["method": "sms_otp"])
            try await run.answer(["method": "sms_otp", "code": "987654"])
            // In the middle of it the disk is looked at too.
            try await daemon.kill()
            run.secrets.formUnion(site.fake.calls().compactMap { $0.body?["intermediate_session_token"]?.stringValue })
            #expect(run.secrets.count >= 3, "two intermediate tokens have been used")
            try run.expectNothing(in: CanaryRun.files(of: daemon))
            try await daemon.start()
            try await run.reconnect()
            let code = site.fake.code(to: "+15005550006") ?? ""
            run.secrets.insert(code)
            try await run.answer(["method": "sms_otp", "code": .string(code)])
            try await run.keepTokens()
            try await run.finish(site)
        }

        private static func signIn(_ password: String) -> JSONValue {
            ["method": "password", "email": .string(StytchSite.email), "password": .string(password)]
        }
    }
}

/// A run of a daemon whose answers and traces are searched for secrets.
private final class CanaryRun {
    private let daemon: DaemonProcess
    private var connection: WireConnection
    private var answers: [JSONValue] = []
    var secrets: Set<String>

    init(_ daemon: DaemonProcess, _ secrets: Set<String>) throws {
        self.daemon = daemon
        self.secrets = secrets
        connection = try daemon.connect()
    }

    func reconnect() async throws { connection = try daemon.connect() }

    func say(_ method: String, _ params: JSONValue = [:]) async throws {
        answers.append(try await connection.reply(method, params))
    }

    func answer(_ fields: [String: JSONValue]) async throws {
        let challenge = try await connection.call("session.get")["challenge"]?["id"] ?? .null
        try await say("session.answer", .object(fields.merging(["challenge": challenge]) { $1 }))
    }

    func keepTokens() async throws {
        let tokens = try await connection.call("session.token", ["minValidMs": 300_000])["tokens"]?.objectValue
        for token in (tokens ?? [:]).values { secrets.insert(token.stringValue ?? "") }
        guard let headers = try? await connection.call("session.headers")["headers"] else { return }
        secrets.insert(headers["Authorization"]?.stringValue.map { String($0.dropFirst(6)) } ?? "")
    }

    func finish(_ site: StytchSite) async throws {
        for method in [
            "session.get", "session.list", "server.status", "server.health", "user.fetch", "session.authenticate",
        ] { try await say(method) }
        try await keepTokens()
        let pid = try daemon.process.pid
        var places = ["arguments": try Files.read("/proc/\(pid)/cmdline")]
        if Requirements.isRoot { places["environment"] = try Files.read("/proc/\(pid)/environ") }
        try await say("session.revoke")
        places["answers"] = JSONValue.array(answers).encoded
        places["status"] = Array(daemon.manager.assignments.joined(separator: "\n").utf8)
        #expect(try await daemon.stop() == .status(0))
        secrets.insert(site.fake.secret)
        secrets.remove("")
        #expect(secrets.count >= 6)
        try expectNothing(in: places.merging(Self.files(of: daemon)) { $1 })
        #expect(daemon.log.contains(" debug ") || daemon.log.contains(" trace ") || daemon.log.contains(" info "))
    }

    static func files(of daemon: DaemonProcess) throws -> [String: [UInt8]] {
        var places = ["log": Array(daemon.log.utf8)]
        for (file, bytes) in try Files.all(in: daemon.state) { places["state/\(file)"] = bytes }
        for (file, bytes) in try Files.all(in: daemon.folder.path + "/run") { places["run/\(file)"] = bytes }
        return places
    }

    func expectNothing(in places: [String: [UInt8]]) throws {
        for (place, bytes) in places {
            let text = String(decoding: bytes, as: UTF8.self)
            for secret in secrets { #expect(!text.contains(secret), "\(secret.prefix(6))… in \(place)") }
        }
    }
}
