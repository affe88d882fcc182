/// A row of `session`. Times are Unix milliseconds.
struct SessionRecord: Sendable {
    let id: String
    let userID: String
    let startedAt: Int64
    let lastSeenAt: Int64
    let expiresAt: Int64

    private init(row: borrowing Row) throws(SQLiteError) {
        id = try row["id"]
        userID = try row["userId"]
        startedAt = try row["startedAt"]
        lastSeenAt = try row["lastSeenAt"]
        expiresAt = try row["expiresAt"]
    }

    /// Expired sessions stay for a day, so that their holders learn that they expired, and a clock that was wrong for
    /// a while ends nobody's session.
    private static let afterlifeMs: Int64 = 86_400_000

    static func insert(
        token: OpaqueToken, userID: String, now: Int64, expiresAt: Int64, in db: Database
    ) throws -> SessionRecord {
        try prune(at: now, in: db)
        let session = try db.rows(
            """
            INSERT INTO session (id, userId, tokenDigest, startedAt, lastSeenAt, expiresAt)
            VALUES (?, ?, ?, ?, ?, ?) RETURNING *
            """, Identifiers.make("session"), userID, token.digest, now, now, expiresAt, as: SessionRecord.init(row:)
        ).first
        guard let session else { throw AuthorityError.unavailable }
        return session
    }

    /// Expired or not.
    static func find(tokenDigest: [UInt8], in db: Database) throws -> SessionRecord? {
        try db.rows("SELECT * FROM session WHERE tokenDigest = ?", tokenDigest, as: SessionRecord.init(row:)).first
    }

    /// The live sessions, oldest first, of one user or of all.
    static func live(ofUser userID: String?, at now: Int64, in db: Database) throws -> [SessionRecord] {
        try db.rows(
            "SELECT * FROM session WHERE expiresAt > ? AND (userId = ? OR ? IS NULL) ORDER BY startedAt, rowid", now,
            userID, userID, as: SessionRecord.init(row:))
    }

    /// The session with its last sign of life moved to `now`; a clock that was turned back leaves it where it is.
    func touched(at now: Int64, in db: Database) throws -> SessionRecord {
        try Self.updated(
            db.rows(
                "UPDATE session SET lastSeenAt = max(lastSeenAt, ?) WHERE id = ? RETURNING *", now, id,
                as: SessionRecord.init(row:)))
    }

    func moved(end: Int64, at now: Int64, in db: Database) throws -> SessionRecord {
        try Self.updated(
            db.rows(
                "UPDATE session SET lastSeenAt = max(lastSeenAt, ?), expiresAt = ? WHERE id = ? RETURNING *", now, end,
                id, as: SessionRecord.init(row:)))
    }

    private static func updated(_ rows: [SessionRecord]) throws -> SessionRecord {
        guard let row = rows.first else { throw AuthorityError.rejected(.sessionNotFound) }
        return row
    }

    /// Ends the sessions of a user, but for one where one is named, and answers with the ids of those that were live.
    static func endAll(
        ofUser userID: String, except keptID: String? = nil, at now: Int64, in db: Database
    ) throws -> Set<String> {
        let ended = try db.rows(
            "DELETE FROM session WHERE userId = ? AND id IS NOT ? RETURNING *", userID, keptID,
            as: SessionRecord.init(row:))
        return Set(ended.filter { $0.expiresAt > now }.map(\.id))
    }

    /// Ends a live session, of that user where one is named, and says whether there was one.
    static func end(id: String, ofUser userID: String? = nil, at now: Int64, in db: Database) throws -> Bool {
        let ended: String? = try db.value(
            "DELETE FROM session WHERE id = ? AND expiresAt > ? AND (userId = ? OR ? IS NULL) RETURNING id", id, now,
            userID, userID)
        return ended != nil
    }

    /// Drops sessions and grants that nobody will ask about again.
    static func prune(at now: Int64, in db: Database) throws {
        try db.execute("DELETE FROM session WHERE expiresAt <= ?", now - afterlifeMs)
        try db.execute("DELETE FROM accessGrant WHERE expiresAt <= ?", now - afterlifeMs)
    }
}
