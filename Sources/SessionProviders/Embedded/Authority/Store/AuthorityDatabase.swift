import Dispatch
import FoundationEssentials
import GRDB
import Logging
import SessionCore
import Synchronization

/// The authority's SQLite database: opened when it is first needed, and again after it was found unusable.
///
/// Everything runs on one queue of its own, in order. A write that has returned survives a power cut.
final class AuthorityDatabase: Sendable {
    private struct Opened: Sendable {
        let connection: DatabaseQueue
        let identity: DatabaseFile.Identity
        let signer: SessionSigner
    }

    private let file: DatabaseFile
    private let issuer: String
    private let now: @Sendable () -> Int64
    private let logger: Logger
    private let queue = DispatchQueue(label: "sessiond.authority.database")
    /// Written on `queue` only, so that no two calls open the database at once.
    private let opened = Mutex<Opened?>(nil)
    private let lastFault = Mutex<AuthorityError?>(nil)

    init(path: String, issuer: String, now: @escaping @Sendable () -> Int64, logger: Logger) {
        file = DatabaseFile(path: path)
        self.issuer = issuer
        self.now = now
        self.logger = logger
    }

    /// One transaction. Blocks: never called on an event loop or a cooperative thread.
    func blockingWrite<Answer: Sendable>(
        _ body: @Sendable (Database) throws -> Answer
    ) throws(AuthorityError) -> Answer {
        try queue.sync { attempt { opened in try opened.connection.write(body) } }.get()
    }

    func write<Answer: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Answer
    ) async throws(AuthorityError) -> Answer {
        try await onQueue { opened in try opened.connection.write(body) }
    }

    func blockingSigner() throws(AuthorityError) -> SessionSigner {
        try queue.sync { attempt { $0.signer } }.get()
    }

    func signer() async throws(AuthorityError) -> SessionSigner {
        if let signer = opened.withLock({ $0?.signer }) { return signer }
        return try await onQueue { $0.signer }
    }

    private func onQueue<Answer: Sendable>(
        _ body: @escaping @Sendable (Opened) throws -> Answer
    ) async throws(AuthorityError) -> Answer {
        let result: Result<Answer, AuthorityError> = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: self.attempt(body)) }
        }
        return try result.get()
    }

    /// Runs on `queue`.
    private func attempt<Answer>(_ body: (Opened) throws -> Answer) -> Result<Answer, AuthorityError> {
        do {
            let answer = try body(try openedNow())
            report(nil, code: nil)
            return .success(answer)
        } catch {
            let fault = AuthorityError(database: error)
            // What is damaged is opened anew, in case somebody has mended it; what was replaced is not, as that would
            // put a new and empty database in its place.
            if fault == .unusable(.corrupt) { opened.withLock { $0 = nil } }
            report(fault, code: (error as? DatabaseError)?.extendedResultCode.rawValue)
            return .failure(fault)
        }
    }

    private func openedNow() throws -> Opened {
        if let current = opened.withLock({ $0 }) {
            // SQLite would go on writing to a file that no longer has a name, and all of it would be lost at the end.
            guard file.identity() == current.identity else { throw AuthorityError.unusable(.replaced) }
            return current
        }
        let new = try open()
        opened.withLock { $0 = new }
        return new
    }

    private func open() throws -> Opened {
        let identity = try file.prepare()
        var configuration = Configuration()
        configuration.label = "sessiond.authority"
        configuration.busyMode = .timeout(2)
        configuration.prepareDatabase { db in
            guard try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL") == "wal" else {
                throw AuthorityError.unavailable
            }
            try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON")
        }
        let connection = try DatabaseQueue(path: file.path, configuration: configuration)
        let migrator = Schema.migrator()
        let isNewer = try connection.read { db in
            guard try String.fetchOne(db, sql: "PRAGMA quick_check(1)") == "ok" else {
                throw AuthorityError.unusable(.corrupt)
            }
            return try migrator.hasBeenSuperseded(db)
        }
        guard !isNewer else { throw AuthorityError.unusable(.newer) }
        try migrator.migrate(connection)
        let (now, issuer) = (now(), issuer)
        let signer = try connection.write { db in
            try SessionRecord.prune(at: now, in: db)
            return try SigningKeyRecord.signer(issuer: issuer, in: db)
        }
        return Opened(connection: connection, identity: identity, signer: signer)
    }

    /// Says once that the database cannot be used, and once that it can be again.
    private func report(_ fault: AuthorityError?, code: Int32?) {
        let reported: AuthorityError? =
            switch fault {
            case .unavailable, .unusable: fault
            default: nil
            }
        let isNews = lastFault.withLock { last in
            defer { last = reported }
            return last != reported
        }
        guard isNews else { return }
        guard let reported else {
            return logger.event(.authorityWorks, "the authority's database can be used again")
        }
        var metadata: Logger.Metadata = ["sqliteCode": "\(code.map(String.init) ?? "none")"]
        if case .unusable(let defect) = reported { metadata["reason"] = "\(defect.rawValue)" }
        logger.event(
            .authorityFailing, "the authority's database cannot be used; sessions and users are kept",
            metadata: metadata)
    }
}
