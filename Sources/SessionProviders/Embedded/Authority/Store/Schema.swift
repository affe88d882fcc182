/// The tables, and how older ones become these. `user_version` counts the steps that a database has taken.
enum Schema {
    /// Each step ends with its own number. A step that has been shipped is never changed.
    private static let steps = [tables]

    /// Brings the database up to date, in a transaction of the caller's. One that a newer version of the daemon has
    /// made is refused as it is.
    static func update(_ db: Database) throws {
        try adopt(db)
        guard let version: Int = try db.value("PRAGMA user_version") else { throw AuthorityError.unavailable }
        guard (0...steps.count).contains(version) else { throw AuthorityError.unusable(.newer) }
        for step in steps[version...] { try db.script(step) }
    }

    /// The first versions of the daemon kept the names of the steps, in a table, and no number.
    private static func adopt(_ db: Database) throws {
        let tables: Int? = try db.value(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'grdb_migrations'")
        guard tables == 1 else { return }
        let names: [String] = try db.rows("SELECT identifier FROM grdb_migrations") { row throws(SQLiteError) in
            try row[0]
        }
        guard names.allSatisfy({ $0 == "1 users, sessions, grants, signing key" }) else {
            throw AuthorityError.unusable(.newer)
        }
        // Without a name it was made no further than to this table.
        if !names.isEmpty { try db.script("PRAGMA user_version = 1") }
        try db.script("DROP TABLE grdb_migrations")
    }

    /// Tables are STRICT, so that the check at opening finds a value of a wrong type.
    private static let tables: StaticString = """
        CREATE TABLE user (
            id TEXT NOT NULL PRIMARY KEY,
            username TEXT NOT NULL,
            -- Folded for comparison; the order of Swift's strings holds canonical equivalents equal.
            usernameKey TEXT NOT NULL UNIQUE COLLATE swiftCompare,
            name TEXT,
            passwordRounds INTEGER NOT NULL,
            passwordBlockSize INTEGER NOT NULL,
            passwordParallelism INTEGER NOT NULL,
            passwordSalt BLOB NOT NULL,
            passwordHash BLOB NOT NULL,
            isDisabled INTEGER NOT NULL,
            createdAt INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE userAccess (
            userId TEXT NOT NULL REFERENCES user(id) ON DELETE CASCADE,
            feature TEXT NOT NULL,
            letters TEXT NOT NULL,
            PRIMARY KEY (userId, feature)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE session (
            id TEXT NOT NULL PRIMARY KEY,
            userId TEXT NOT NULL REFERENCES user(id) ON DELETE CASCADE,
            tokenDigest BLOB NOT NULL UNIQUE,
            startedAt INTEGER NOT NULL,
            lastSeenAt INTEGER NOT NULL,
            expiresAt INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX sessionByUser ON session(userId);
        CREATE INDEX sessionByExpiry ON session(expiresAt);
        CREATE TABLE accessGrant (
            tokenDigest BLOB NOT NULL PRIMARY KEY,
            userId TEXT NOT NULL REFERENCES user(id) ON DELETE CASCADE,
            expiresAt INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX accessGrantByUser ON accessGrant(userId);
        CREATE INDEX accessGrantByExpiry ON accessGrant(expiresAt);
        CREATE TABLE signingKey (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
            privateKey BLOB NOT NULL
        ) STRICT;
        PRAGMA user_version = 1;
        """
}
