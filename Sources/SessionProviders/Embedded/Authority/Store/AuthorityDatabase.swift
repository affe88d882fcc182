import Logging
import SessionCore
import Synchronization

/// The authority's SQLite database: opened when it is first needed, and again after it was found unusable.
///
/// Everything runs on one queue of its own, in order. A write that has returned survives a power cut.
actor AuthorityDatabase {
    private struct Opened {
        let connection: Database
        let identity: DatabaseFile.Identity
        let signer: SessionSigner
    }

    private let file: DatabaseFile
    private let issuer: String
    private let now: @Sendable () -> Int64
    private let logger: Logger
    private let executor = DatabaseExecutor()
    private var opened: Opened?
    private var lastFault: AuthorityError?
    /// That of `opened`, which nobody need wait for.
    private let knownSigner = Mutex<SessionSigner?>(nil)

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(path: String, issuer: String, now: @escaping @Sendable () -> Int64, logger: Logger) {
        file = DatabaseFile(path: path)
        self.issuer = issuer
        self.now = now
        self.logger = logger
    }

    /// One transaction.
    func write<Answer: Sendable>(
        _ body: @Sendable (Database) throws -> Answer
    ) throws(AuthorityError) -> Answer {
        try attempt { opened in try opened.connection.transaction(body) }.get()
    }

    /// One transaction. Blocks: never called on an event loop or a cooperative thread.
    nonisolated func blockingWrite<Answer: Sendable>(
        _ body: @Sendable (Database) throws -> Answer
    ) throws(AuthorityError) -> Answer {
        try blocking { database in database.attempt { opened in try opened.connection.transaction(body) } }
    }

    nonisolated func signer() async throws(AuthorityError) -> SessionSigner {
        if let signer = knownSigner.withLock(\.self) { return signer }
        return try await signerOfOpened()
    }

    nonisolated func blockingSigner() throws(AuthorityError) -> SessionSigner {
        try blocking { database in database.attempt { $0.signer } }
    }

    private func signerOfOpened() throws(AuthorityError) -> SessionSigner { try attempt { $0.signer }.get() }

    private nonisolated func blocking<Answer: Sendable>(
        _ body: (isolated AuthorityDatabase) -> Result<Answer, AuthorityError>
    ) throws(AuthorityError) -> Answer {
        try executor.sync { assumeIsolated(body) }.get()
    }

    private func attempt<Answer>(_ body: (Opened) throws -> Answer) -> Result<Answer, AuthorityError> {
        do {
            let answer = try body(try openedNow())
            report(nil, code: nil)
            return .success(answer)
        } catch {
            let fault = AuthorityError(database: error)
            // What is damaged is opened anew, in case somebody has mended it, and so is what could not be rolled back;
            // what was replaced is not, as that would put a new and empty database in its place.
            if fault == .unusable(.corrupt) || opened?.connection.isInTransaction == true { keep(nil) }
            report(fault, code: (error as? SQLiteError)?.code)
            return .failure(fault)
        }
    }

    private func openedNow() throws -> Opened {
        if let opened {
            // SQLite would go on writing to a file that no longer has a name, and all of it would be lost at the end.
            guard file.identity() == opened.identity else { throw AuthorityError.unusable(.replaced) }
            return opened
        }
        let new = try open()
        keep(new)
        return new
    }

    private func keep(_ new: Opened?) {
        opened = new
        knownSigner.withLock { $0 = new?.signer }
    }

    private func open() throws -> Opened {
        let identity = try file.prepare()
        let connection = try Database(path: file.path, busyTimeoutMs: 2000)
        guard try connection.value("PRAGMA journal_mode = WAL") == "wal" else { throw AuthorityError.unavailable }
        try connection.execute("PRAGMA synchronous = FULL")
        try connection.execute("PRAGMA secure_delete = ON")
        guard try connection.value("PRAGMA quick_check(1)") == "ok" else { throw AuthorityError.unusable(.corrupt) }
        let signer = try connection.transaction { db in
            try Schema.update(db)
            try SessionRecord.prune(at: now(), in: db)
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
        guard reported != lastFault else { return }
        lastFault = reported
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
