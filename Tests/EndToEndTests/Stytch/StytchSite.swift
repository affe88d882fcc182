import FakeServices
import FoundationEssentials
import Glibc
import SessionProtocol
import Synchronization
import Testing

@Suite("The daemon with Stytch", .serialized) enum Stytch {}

/// A fake Stytch in this process that real daemons reach over HTTP, and whose network can be pulled.
final class StytchSite: Sendable {
    let fake: FakeStytch
    let port: Int
    private let server: Mutex<FakeHTTPServer?>

    init(_ product: FakeStytch.Product = .consumer) async throws {
        let fake = FakeStytch(product: product, now: { StytchSite.now })
        let server = try await FakeHTTPServer.start { await fake.answer($0) }
        self.fake = fake
        port = server.port
        self.server = Mutex(server)
    }

    /// Unix milliseconds.
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
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

    /// Lets the `.held` answers go.
    func release() { server.withLock { $0 }?.release() }

    var baseURL: String { "http://127.0.0.1:\(port)" }
    private var provider: String { fake.product == .b2b ? "stytch-b2b" : "stytch" }

    /// A configuration in which the daemon is an app of the project.
    func configuration(interval: String = "1s") -> String {
        """
        profiles:
          default:
            provider: \(provider)
            publicToken: \(fake.publicToken)
            appIdentifier: dev.example.shop
            projectID: \(fake.projectID)
            baseURL: \(baseURL)
            heartbeat: {interval: \(interval), timeout: 5s, jitter: 0}

        """
    }

    /// A configuration in which the daemon is the project's own server.
    func serverConfiguration(secret: String, interval: String = "1s") -> String {
        """
        profiles:
          default:
            provider: \(provider)
            projectID: \(fake.projectID)
            secret: \(secret)
            baseURL: \(baseURL)
            heartbeat: {interval: \(interval), timeout: 5s, jitter: 0}

        """
    }

    func daemon(interval: String = "1s", arguments: [String] = []) async throws -> DaemonProcess {
        try await daemon(configuration: configuration(interval: interval), arguments: arguments)
    }

    func daemon(configuration: String, arguments: [String] = []) async throws -> DaemonProcess {
        var setup = DaemonProcess.Setup()
        setup.configuration = configuration
        setup.isSeeded = false
        setup.arguments = arguments
        return try await DaemonProcess.start(setup)
    }

    /// What an `Authorization` header says in the name of that session.
    func authorization(_ token: String) -> String {
        "Basic " + Data("\(fake.publicToken):\(token)".utf8).base64EncodedString()
    }

    static let email = "ada@example.org"
    static let password = "correct horse"
    static let passwordParams: JSONValue = [
        "method": "password", "email": .string(email), "password": .string(password), "sessionDurationMinutes": 60,
    ]
}

/// The members of a snapshot, no more and no fewer.
func expectSnapshotShape(
    _ snapshot: JSONValue, objects: Set<String>, sourceLocation: SourceLocation = #_sourceLocation
) {
    func members(_ value: JSONValue?) -> Set<String> { Set((value?.objectValue ?? [:]).keys) }
    #expect(
        members(snapshot) == [
            "profile", "provider", "instance", "revision", "phase", "cause", "expiresAt", "lastValidatedAt",
            "objects", "heartbeat", "challenge",
        ], sourceLocation: sourceLocation)
    #expect(members(snapshot["objects"]) == objects, sourceLocation: sourceLocation)
    #expect(
        members(snapshot["heartbeat"]) == [
            "intervalMs", "lastAttemptAt", "lastSuccessAt", "nextAttemptAt", "failures", "lastError",
        ], sourceLocation: sourceLocation)
    #expect(members(snapshot["cause"]) == ["kind", "at"], sourceLocation: sourceLocation)
    for (name, info) in snapshot["objects"]?.objectValue ?? [:] {
        let expected: Set = info["state"] == "available" ? ["state", "lastValidatedAt", "value"] : ["state", "reason"]
        #expect(members(info) == expected, "\(name)", sourceLocation: sourceLocation)
    }
}
