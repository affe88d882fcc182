/// A row of `accessGrant`: a token that makes one session, once.
enum GrantRecord {
    static func insert(token: OpaqueToken, userID: String, expiresAt: Int64, in db: Database) throws {
        try db.execute(
            "INSERT INTO accessGrant (tokenDigest, userId, expiresAt) VALUES (?, ?, ?)", token.digest, userID,
            expiresAt)
    }

    /// The user that a live grant is for. The grant is gone afterwards.
    static func redeem(tokenDigest: [UInt8], at now: Int64, in db: Database) throws -> String? {
        try db.value(
            "DELETE FROM accessGrant WHERE tokenDigest = ? AND expiresAt > ? RETURNING userId", tokenDigest, now)
    }

    static func deleteAll(ofUser userID: String, in db: Database) throws {
        try db.execute("DELETE FROM accessGrant WHERE userId = ?", userID)
    }
}
