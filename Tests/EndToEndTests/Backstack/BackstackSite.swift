import FakeServices
import SessionProtocol
import Synchronization
import Testing

@Suite("The daemon with Backstack", .serialized) enum Backstack {}

/// A fake Backstack in this process that real daemons reach over HTTP, and whose network can be pulled. Kari works in
/// the North Yard.
final class BackstackSite: Sendable {
    let fake: FakeBackstack
    let north: String
    let kari: String
    private let port: Int
    private let server: Mutex<FakeHTTPServer?>
    /// Where the app key lies, for as long as the site is there.
    private let keys: TemporaryFolder

    static let appKey = "canary-app-key-9d31"
    static let password = "canary-password-4be7"
    static let providerID = "partner-7"
    static let objects: Set<String> = ["session", "app", "account", "user", "access", "alerts"]

    init(_ choices: FakeBackstackChoices = FakeBackstackChoices()) async throws {
        let fake = FakeBackstack(now: { StytchSite.now }, appKey: Self.appKey)
        fake.choices = choices
        fake.setVersion("ver_1", access: ["account-users": "cr", "account-payment-methods": "ru", "reports": ""])
        north = fake.addAccount("North Yard", fields: ["counters": ["scans": 12]])
        kari = fake.addUser("kari", password: Self.password, accounts: [north])
        keys = try TemporaryFolder()
        try keys.write(Self.appKey + "\n", to: "backstack.key", mode: 0o600)
        let server = try await FakeHTTPServer.start { await fake.answer($0) }
        self.fake = fake
        port = server.port
        self.server = Mutex(server)
    }

    /// Ola, who works in the North Yard and the South Yard, and the id of the latter.
    func addOla() -> (user: String, south: String) {
        fake.setVersion("ver_2", access: ["account-users": "crud"])
        let south = fake.addAccount("South Yard", version: "ver_2")
        return (fake.addUser("ola", password: Self.password, accounts: [north, south]), south)
    }

    /// Nobody listens any more, and what was connected is cut off.
    func pull() async {
        let server = server.withLock { server in
            defer { server = nil }
            return server
        }
        await server?.stop()
    }

    /// The network is back, at the same place.
    func putBack() async throws {
        let fake = fake
        let restored = try await FakeHTTPServer.start(port: port) { await fake.answer($0) }
        server.withLock { $0 = restored }
    }

    /// What Backstack is asked for in the name of a jwt, as a program would with those headers.
    func answer(_ headers: JSONValue?, verb: String = "GET", path: String = "/app/session") async -> FakeAnswer {
        var lowered: [String: String] = [:]
        for (name, value) in headers?.objectValue ?? [:] { lowered[name.lowercased()] = value.stringValue }
        return await fake.answer(FakeRequest(verb: verb, path: path, headers: lowered))
    }

    /// The session object of a user as Backstack itself shows it.
    func shown(_ user: String, in account: String) async -> JSONValue {
        let jwt = fake.openSession(user: user, account: account)
        return await answer(["Authorization": .string(jwt)]).json ?? .null
    }

    /// Waits until the daemon has asked for the session that many times more.
    func heartbeats(_ count: Int) async {
        _ = await fake.calls(atLeast: fake.calls(on: "GET /app/session").count + count, on: "GET /app/session")
    }

    func configuration(interval: String = "1s", more: String = "") -> String {
        """
        profiles:
          default:
            provider: backstack
            appKey: {file: \(keys.path)/backstack.key}
            providerID: \(Self.providerID)
            baseURL: http://127.0.0.1:\(port)
            heartbeat: {interval: \(interval), timeout: 5s, jitter: 0}
            \(more)

        """
    }

    func daemon(interval: String = "1s") async throws -> DaemonProcess {
        var setup = DaemonProcess.Setup()
        setup.configuration = configuration(interval: interval)
        setup.isSeeded = false
        setup.arguments = ["--log-level", "trace"]
        return try await DaemonProcess.start(setup)
    }

    /// A daemon with Kari signed in, and a connection to it.
    func signedIn(interval: String = "1s") async throws -> (daemon: DaemonProcess, connection: WireConnection) {
        let daemon = try await daemon(interval: interval)
        let connection = try daemon.connect()
        let result = try await connection.call("session.signIn", Self.fields("kari"))
        try #require(result["outcome"] == "signedIn")
        return (daemon, connection)
    }

    static func fields(_ username: String, password: String = password) -> JSONValue {
        ["method": "password", "username": .string(username), "password": .string(password)]
    }

    /// `sessionctl` on a terminal of its own.
    static func sessionctl(_ words: String..., for daemon: DaemonProcess) throws -> TerminalCommand {
        var environment = DaemonProcess.environment
        environment["SESSIOND_SOCKET"] = daemon.socket
        return try TerminalCommand([BuildFolder.sessionctl] + words, environment: environment)
    }
}

extension WireConnection {
    /// Whether each of the requirements is met, in their order.
    func allowed(_ requirements: String...) async throws -> [JSONValue] {
        var answers: [JSONValue] = []
        for requirement in requirements {
            answers.append(try await call("access.check", ["required": .string(requirement)])["allowed"] ?? .null)
        }
        return answers
    }

    /// The jwt that the daemon would use now.
    func jwt() async throws -> String {
        try await call("session.token")["tokens"]?["sessionToken"]?.stringValue ?? ""
    }

    func object(_ name: String) async throws -> JSONValue {
        try await call("session.get")["objects"]?[name] ?? .null
    }
}
