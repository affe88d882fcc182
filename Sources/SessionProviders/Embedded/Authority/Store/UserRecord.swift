import FoundationEssentials
import GRDB

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
    let access: [String: String]

    private init(row: Row, access: [String: String]) {
        id = row["id"]
        username = row["username"]
        name = row["name"]
        password = PasswordHash(
            cost: PasswordCost(
                rounds: row["passwordRounds"], blockSize: row["passwordBlockSize"],
                parallelism: row["passwordParallelism"]),
            salt: Array(row["passwordSalt"] as Data), derived: Array(row["passwordHash"] as Data))
        isDisabled = row["isDisabled"]
        createdAt = row["createdAt"]
        self.access = access
    }

    static func find(_ username: Username, in db: Database) throws -> UserRecord? {
        try Row.fetchOne(db, sql: "SELECT * FROM user WHERE usernameKey = ?", arguments: [username.key])
            .map { row in try make(row, in: db) }
    }

    static func find(id: String, in db: Database) throws -> UserRecord? {
        try Row.fetchOne(db, sql: "SELECT * FROM user WHERE id = ?", arguments: [id]).map { row in try make(row, in: db)
        }
    }

    /// In the order of their names.
    static func all(in db: Database) throws -> [UserRecord] {
        try Row.fetchAll(db, sql: "SELECT * FROM user ORDER BY usernameKey").map { row in try make(row, in: db) }
    }

    private static func make(_ row: Row, in db: Database) throws -> UserRecord {
        let rows = try Row.fetchAll(
            db, sql: "SELECT feature, letters FROM userAccess WHERE userId = ?", arguments: [row["id"] as String])
        let access = Dictionary(
            rows.map { ($0["feature"] as String, $0["letters"] as String) }, uniquingKeysWith: { _, last in last })
        return UserRecord(row: row, access: access)
    }

    /// Refused where the name is taken.
    static func insert(_ new: NewUser, in db: Database) throws -> UserRecord {
        guard try find(new.username, in: db) == nil else { throw AuthorityError.rejected(.usernameTaken) }
        let id = Identifiers.make("user")
        try db.execute(
            sql: """
                INSERT INTO user (id, username, usernameKey, name, passwordRounds, passwordBlockSize,
                    passwordParallelism, passwordSalt, passwordHash, isDisabled, createdAt)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, FALSE, ?)
                """,
            arguments: [
                id, new.username.asTyped, new.username.key, new.name, new.password.cost.rounds,
                new.password.cost.blockSize, new.password.cost.parallelism, Data(new.password.salt),
                Data(new.password.derived), new.createdAt,
            ])
        try setAccess(new.access, ofUser: id, in: db)
        guard let user = try find(id: id, in: db) else { throw AuthorityError.unavailable }
        return user
    }

    static func setName(_ name: String?, ofUser id: String, in db: Database) throws {
        try db.execute(sql: "UPDATE user SET name = ? WHERE id = ?", arguments: [name, id])
    }

    static func setDisabled(_ isDisabled: Bool, ofUser id: String, in db: Database) throws {
        try db.execute(sql: "UPDATE user SET isDisabled = ? WHERE id = ?", arguments: [isDisabled, id])
    }

    static func setPassword(_ password: PasswordHash, ofUser id: String, in db: Database) throws {
        try db.execute(
            sql: """
                UPDATE user SET passwordRounds = ?, passwordBlockSize = ?, passwordParallelism = ?, passwordSalt = ?,
                    passwordHash = ?
                WHERE id = ?
                """,
            arguments: [
                password.cost.rounds, password.cost.blockSize, password.cost.parallelism, Data(password.salt),
                Data(password.derived), id,
            ])
    }

    static func setAccess(_ access: [String: String], ofUser id: String, in db: Database) throws {
        try db.execute(sql: "DELETE FROM userAccess WHERE userId = ?", arguments: [id])
        for (feature, letters) in access {
            try db.execute(
                sql: "INSERT INTO userAccess (userId, feature, letters) VALUES (?, ?, ?)",
                arguments: [id, feature, letters])
        }
    }

    /// With everything that is the user's: access, sessions, grants.
    static func delete(id: String, in db: Database) throws {
        try db.execute(sql: "DELETE FROM user WHERE id = ?", arguments: [id])
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
