import FoundationEssentials
import Logging
import SessionCore
import SessionProtocol
import Synchronization
import Testing

@testable import SessionProviders

/// One authority in a folder of its own, with a clock that moves when told.
final class AuthorityFixture: Sendable {
    static let start: Int64 = 1_763_750_000_123
    static let password = "correct horse battery"

    let folder: TemporaryFolder
    let time: ManualTime
    let log: RecordedLog
    let authority: EmbeddedAuthority

    init(
        folder: TemporaryFolder = TemporaryFolder(), time: ManualTime = ManualTime(start), concurrentHashes: Int = 2,
        waitingHashes: Int = 256
    ) {
        self.folder = folder
        self.time = time
        log = RecordedLog()
        authority = EmbeddedAuthority(
            path: folder.path("authority.sqlite"), cost: .trivial, concurrentHashes: concurrentHashes,
            waitingHashes: waitingHashes, logger: log.logger
        ) { time.now }
    }

    var provider: EmbeddedProvider { EmbeddedProvider(authority: authority) }
    var databasePath: String { folder.path("authority.sqlite") }

    @discardableResult
    func addUser(
        _ username: String = "kari", password: String = password, name: String? = nil, access: [String: String] = [:]
    ) async throws -> JSONValue {
        try await authority.addUser(
            username: username, password: try #require(Secret(password)), name: name, access: access)
    }

    /// Signs in and answers with the session as a keeper would hold it.
    func signIn(
        _ username: String = "kari", password: String = password, minutes: Int = 60,
        with provider: EmbeddedProvider? = nil
    ) async throws -> ProviderSession {
        let outcome = await (provider ?? self.provider).change(
            .signIn(
                method: "password", SignInFields(["username": username, "password": password]),
                durationMinutes: minutes), session: nil)
        return try #require(outcome.session, "\(outcome)")
    }
}

extension PasswordCost {
    static let trivial = PasswordCost(rounds: 16, blockSize: 1, parallelism: 1)
}

/// A folder that goes with its last user.
final class TemporaryFolder: Sendable {
    private let root: String

    init() {
        root = FileManager.default.temporaryDirectory.path + "/authority-\(UUID().uuidString)"
        do {
            try FileManager.default.createDirectory(
                atPath: root, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            Issue.record("no temporary folder: \(error)")
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func path(_ name: String) -> String { "\(root)/\(name)" }

    /// Every byte of every file in it.
    func contents() throws -> [UInt8] {
        try FileManager.default.contentsOfDirectory(atPath: root)
            .flatMap { name in try Array(Data(contentsOf: URL(filePath: path(name)))) }
    }
}

final class ManualTime: Sendable {
    private let milliseconds: Mutex<Int64>
    init(_ start: Int64) { milliseconds = Mutex(start) }
    var now: Int64 { milliseconds.withLock { $0 } }
    func advance(minutes: Int64 = 0, ms: Int64 = 0) { milliseconds.withLock { $0 += minutes * 60_000 + ms } }
}

/// Keeps what is logged.
final class RecordedLog: Sendable {
    private let recorded = Mutex<[String]>([])
    var lines: [String] { recorded.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            log.recorded.withLock { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])") }
        }
    }
}

extension ProviderOutcome {
    var confirmation: SessionCore.Confirmation? {
        guard case .confirmed(let confirmation) = self else { return nil }
        return confirmation
    }

    /// The session that a keeper would hold after this outcome.
    var session: ProviderSession? {
        guard let confirmation, let tokens = confirmation.tokens, case .at(let end) = confirmation.expiry else {
            return nil
        }
        return ProviderSession(
            tokens: tokens, sessionID: confirmation.sessionID, objects: confirmation.objects.compactMapValues { $0 },
            expiresAt: end)
    }

    /// The outcome in a word, to compare.
    var summary: String {
        switch self {
        case .bringing(_, let outcome): outcome.summary
        case .confirmed: "confirmed"
        case .ended(let reason): "ended \(reason)"
        case .unreachable: "unreachable"
        case .throttled: "throttled"
        case .misconfigured(let reason): "misconfigured \(reason)"
        case .rejected(let reason, _): "rejected \(reason)"
        case .challenge: "challenge"
        case .confirmationNeeded: "confirmationNeeded"
        case .needsRecheck: "needsRecheck"
        case .invalidField(let path, _): "invalidField \(path)"
        case .sessionRequired: "sessionRequired"
        case .notSupported: "notSupported"
        }
    }
}

extension QueryOutcome {
    var answer: Answer? {
        guard case .answer(let answer) = self else { return nil }
        return answer
    }
}
