import FoundationEssentials

/// A row of `user` with its access map.
struct UserRecord: Sendable {
    let id: String
    let username: String
    let name: String?
    let password: PasswordHash
    let isDisabled: Bool
    /// Unix milliseconds.
    let createdAt: Int64
    /// Letters of `crud` by feature.
    private(set) var access: [String: String]

    private init(row: borrowing Row) throws(SQLiteError) {
        id = try row["id"]
        username = try row["username"]
        name = try row["name"]
        password = PasswordHash(
            cost: PasswordCost(
                rounds: try row["passwordRounds"], blockSize: try row["passwordBlockSize"],
                parallelism: try row["passwordParallelism"]),
            salt: try row["passwordSalt"], derived: try row["passwordHash"])
        isDisabled = try row["isDisabled"]
        createdAt = try row["createdAt"]
        access = [:]
    }

    static func find(_ username: Username, in db: Database) throws -> UserRecord? {
        try db.rows("SELECT * FROM user WHERE usernameKey = ?", username.key, as: UserRecord.init(row:)).first?
            .withAccess(in: db)
    }

    static func find(id: String, in db: Database) throws -> UserRecord? {
        try db.rows("SELECT * FROM user WHERE id = ?", id, as: UserRecord.init(row:)).first?.withAccess(in: db)
    }

    /// In the order of their names.
    static func all(in db: Database) throws -> [UserRecord] {
        try db.rows("SELECT * FROM user ORDER BY usernameKey", as: UserRecord.init(row:))
            .map { user in try user.withAccess(in: db) }
    }

    private func withAccess(in db: Database) throws -> UserRecord {
        let rights: [(String, String)] = try db.rows(
            "SELECT feature, letters FROM userAccess WHERE userId = ?", id
        ) { row throws(SQLiteError) in (try row[0], try row[1]) }
        var user = self
        user.access = Dictionary(rights, uniquingKeysWith: { _, last in last })
        return user
    }

    /// Refused where the name is taken.
    static func insert(_ new: NewUser, in db: Database) throws -> UserRecord {
        guard try find(new.username, in: db) == nil else { throw AuthorityError.rejected(.usernameTaken) }
        let id = Identifiers.make("user")
        try db.execute(
            """
            INSERT INTO user (id, username, usernameKey, name, passwordRounds, passwordBlockSize,
                passwordParallelism, passwordSalt, passwordHash, isDisabled, createdAt)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, FALSE, ?)
            """, id, new.username.asTyped, new.username.key, new.name, new.password.cost.rounds,
            new.password.cost.blockSize, new.password.cost.parallelism, new.password.salt, new.password.derived,
            new.createdAt)
        try setAccess(new.access, ofUser: id, in: db)
        guard let user = try find(id: id, in: db) else { throw AuthorityError.unavailable }
        return user
    }

    static func setName(_ name: String?, ofUser id: String, in db: Database) throws {
        try db.execute("UPDATE user SET name = ? WHERE id = ?", name, id)
    }

    static func setDisabled(_ isDisabled: Bool, ofUser id: String, in db: Database) throws {
        try db.execute("UPDATE user SET isDisabled = ? WHERE id = ?", isDisabled, id)
    }

    static func setPassword(_ password: PasswordHash, ofUser id: String, in db: Database) throws {
        try db.execute(
            """
            UPDATE user SET passwordRounds = ?, passwordBlockSize = ?, passwordParallelism = ?, passwordSalt = ?,
                passwordHash = ?
            WHERE id = ?
            """, password.cost.rounds, password.cost.blockSize, password.cost.parallelism, password.salt,
            password.derived, id)
    }

    static func setAccess(_ access: [String: String], ofUser id: String, in db: Database) throws {
        try db.execute("DELETE FROM userAccess WHERE userId = ?", id)
        for (feature, letters) in access {
            try db.execute(
                "INSERT INTO userAccess (userId, feature, letters) VALUES (?, ?, ?)", id, feature, letters)
        }
    }

    /// With everything that is the user's: access, sessions, grants.
    static func delete(id: String, in db: Database) throws {
        try db.execute("DELETE FROM user WHERE id = ?", id)
    }
}

/// What a user is made from; every part is in its proper form.
struct NewUser: Sendable {
    let username: Username
    let name: String?
    let password: PasswordHash
    let access: [String: String]
    let createdAt: Int64
}

/// Ids of rows: unguessable, and the prefix says of what.
enum Identifiers {
    static func make(_ prefix: String) -> String { "\(prefix)_\(UUID().uuidString.lowercased())" }
}
