import FoundationEssentials
import GRDB

/// A row of `session`. Times are Unix milliseconds.
struct SessionRecord: Sendable, FetchableRecord {
    let id: String
    let userID: String
    let startedAt: Int64
    let lastSeenAt: Int64
    let expiresAt: Int64

    init(row: Row) {
        id = row["id"]
        userID = row["userId"]
        startedAt = row["startedAt"]
        lastSeenAt = row["lastSeenAt"]
        expiresAt = row["expiresAt"]
    }

    /// Expired sessions stay for a day, so that their holders learn that they expired, and a clock that was wrong for
    /// a while ends nobody's session.
    private static let afterlifeMs: Int64 = 86_400_000

    static func insert(
        token: OpaqueToken, userID: String, now: Int64, expiresAt: Int64, in db: Database
    ) throws -> SessionRecord {
        try prune(at: now, in: db)
        let session = try SessionRecord.fetchOne(
            db,
            sql: """
                INSERT INTO session (id, userId, tokenDigest, startedAt, lastSeenAt, expiresAt)
                VALUES (?, ?, ?, ?, ?, ?) RETURNING *
                """,
            arguments: [Identifiers.make("session"), userID, Data(token.digest), now, now, expiresAt])
        guard let session else { throw AuthorityError.unavailable }
        return session
    }

    /// Expired or not.
    static func find(tokenDigest: [UInt8], in db: Database) throws -> SessionRecord? {
        try SessionRecord.fetchOne(
            db, sql: "SELECT * FROM session WHERE tokenDigest = ?", arguments: [Data(tokenDigest)])
    }

    /// The live sessions, oldest first, of one user or of all.
    static func live(ofUser userID: String?, at now: Int64, in db: Database) throws -> [SessionRecord] {
        try SessionRecord.fetchAll(
            db,
            sql: """
                SELECT * FROM session WHERE expiresAt > ? AND (userId = ? OR ? IS NULL) ORDER BY startedAt, rowid
                """,
            arguments: [now, userID, userID])
    }

    /// The session with its last sign of life moved to `now`; a clock that was turned back leaves it where it is.
    func touched(at now: Int64, in db: Database) throws -> SessionRecord {
        try update("lastSeenAt = max(lastSeenAt, ?)", [now, id], in: db)
    }

    func moved(end: Int64, at now: Int64, in db: Database) throws -> SessionRecord {
        try update("lastSeenAt = max(lastSeenAt, ?), expiresAt = ?", [now, end, id], in: db)
    }

    private func update(_ set: String, _ arguments: StatementArguments, in db: Database) throws -> SessionRecord {
        let updated = try SessionRecord.fetchOne(
            db, sql: "UPDATE session SET \(set) WHERE id = ? RETURNING *", arguments: arguments)
        guard let updated else { throw AuthorityError.rejected(.sessionNotFound) }
        return updated
    }

    /// Ends the sessions of a user, but for one where one is named, and answers with the ids of those that were live.
    static func endAll(
        ofUser userID: String, except keptID: String? = nil, at now: Int64, in db: Database
    ) throws -> Set<String> {
        let ended = try SessionRecord.fetchAll(
            db, sql: "DELETE FROM session WHERE userId = ? AND id IS NOT ? RETURNING *", arguments: [userID, keptID])
        return Set(ended.filter { $0.expiresAt > now }.map(\.id))
    }

    /// Ends a live session, of that user where one is named, and says whether there was one.
    static func end(id: String, ofUser userID: String? = nil, at now: Int64, in db: Database) throws -> Bool {
        try db.execute(
            sql: "DELETE FROM session WHERE id = ? AND expiresAt > ? AND (userId = ? OR ? IS NULL)",
            arguments: [id, now, userID, userID])
        return db.changesCount > 0
    }

    /// Drops sessions and grants that nobody will ask about again.
    static func prune(at now: Int64, in db: Database) throws {
        try db.execute(sql: "DELETE FROM session WHERE expiresAt <= ?", arguments: [now - afterlifeMs])
        try db.execute(sql: "DELETE FROM accessGrant WHERE expiresAt <= ?", arguments: [now - afterlifeMs])
    }
}
