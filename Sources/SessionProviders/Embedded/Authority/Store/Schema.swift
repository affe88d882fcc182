import GRDB

/// The tables, and how older ones become these.
enum Schema {
    /// Tables are STRICT, so that the check at opening finds a value of a wrong type, which would end the process if
    /// it were read.
    static func migrator() -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 users, sessions, grants, signing key") { db in
            try db.execute(
                sql: """
                    CREATE TABLE user (
                        id TEXT NOT NULL PRIMARY KEY,
                        username TEXT NOT NULL,
                        -- Folded for comparison; the order of Swift's strings holds canonical equivalents equal.
                        usernameKey TEXT NOT NULL UNIQUE COLLATE \(DatabaseCollation.unicodeCompare.name),
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
                    """)
        }
        return migrator
    }
}
