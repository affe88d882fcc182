import CSQLite
import FoundationEssentials
import Testing

@testable import SessionProviders

@Suite("The layer over SQLite")
struct SQLiteTests {
    let folder = TemporaryFolder()

    private func open() throws -> Database {
        let path = folder.path("any.sqlite")
        if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(filePath: path)) }
        return try Database(path: path, busyTimeoutMs: 0)
    }

    private func table(_ db: Database) throws {
        try db.script("CREATE TABLE thing (number INTEGER, text TEXT, bytes BLOB) STRICT")
    }

    @Test("values come back as they went in", arguments: [Int64.min, -1, 0, 1, .max])
    func numbers(_ number: Int64) throws {
        let db = try open()
        #expect(try db.value("SELECT ?", number) == number)
        #expect(try db.value("SELECT ?", number) == Optional(Int(number)))
        #expect(try db.value("SELECT ?", number) == Optional(number != 0))
    }

    @Test(
        "texts and bytes come back as they went in, the empty ones and NUL too",
        arguments: [
            "", "a", "'; DROP TABLE thing; --", "a\u{0}b", "e\u{301}", "\u{1F44B}", String(repeating: "ä", count: 5000),
        ])
    func texts(_ text: String) throws {
        let db = try open()
        try table(db)
        try db.execute("INSERT INTO thing VALUES (?, ?, ?)", Int64?.none, text, Array(text.utf8))
        let rows = try db.rows("SELECT * FROM thing") { row throws(SQLiteError) in
            let number: Int64? = try row["number"]
            let text: String = try row["text"]
            let bytes: [UInt8] = try row["bytes"]
            return (number, Array(text.unicodeScalars), bytes)
        }
        #expect(rows.count == 1)
        #expect(rows.first?.0 == nil)
        #expect(rows.first?.1 == Array(text.unicodeScalars))
        #expect(rows.first?.2 == Array(text.utf8))
        #expect(try db.value("SELECT count(*) FROM thing WHERE text IS NOT NULL AND bytes IS NOT NULL") == 1)
    }

    @Test("a value of another type than the one asked for is an error, not a guess")
    func types() throws {
        let db = try open()
        #expect(throws: SQLiteError.mismatch) { let _: Int64? = try db.value("SELECT '1'") }
        #expect(throws: SQLiteError.mismatch) { let _: String? = try db.value("SELECT 1") }
        #expect(throws: SQLiteError.mismatch) { let _: String? = try db.value("SELECT NULL") }
        #expect(throws: SQLiteError.mismatch) { let _: [UInt8]? = try db.value("SELECT 'a'") }
        #expect(throws: SQLiteError.mismatch) { let _: String? = try db.value("SELECT CAST(x'C328' AS TEXT)") }
        #expect(AuthorityError(database: SQLiteError.mismatch) == .unusable(.corrupt))
    }

    @Test("a statement with too few or too many values, two in one, or none at all is refused")
    func misuse() throws {
        let db = try open()
        #expect(throws: SQLiteError(SQLITE_RANGE)) { try db.execute("SELECT ?") }
        #expect(throws: SQLiteError(SQLITE_RANGE)) { try db.execute("SELECT 1", 1) }
        #expect(throws: SQLiteError(SQLITE_MISUSE)) { try db.execute("SELECT 1; SELECT 2") }
        #expect(throws: SQLiteError(SQLITE_MISUSE)) { try db.execute("-- nothing") }
        #expect(throws: SQLiteError(SQLITE_ERROR)) { try db.execute("SELECT \"a string\"") }
        #expect(throws: SQLiteError(SQLITE_RANGE)) {
            _ = try db.rows("SELECT 1 AS one") { row throws(SQLiteError) -> Int in try row["two"] }
        }
    }

    @Test("a transaction that throws changes nothing, and the next one works")
    func rollback() throws {
        struct Refusal: Error {}
        let db = try open()
        try table(db)
        #expect(throws: Refusal.self) {
            try db.transaction { db in
                try db.execute("INSERT INTO thing (number) VALUES (1)")
                throw Refusal()
            }
        }
        #expect(!db.isInTransaction)
        #expect(try db.value("SELECT count(*) FROM thing") == 0)
        try db.transaction { db in try db.execute("INSERT INTO thing (number) VALUES (2)") }
        #expect(try db.value("SELECT number FROM thing") == 2)
    }

    @Test("a reader that throws half way leaves the statement fit for use, and no lock")
    func halfRead() throws {
        struct Enough: Error {}
        let db = try open()
        try table(db)
        for number in 0..<3 { try db.execute("INSERT INTO thing (number) VALUES (?)", number) }
        for _ in 0..<2 {
            #expect(throws: SQLiteError.mismatch) {
                _ = try db.rows("SELECT number FROM thing") { row throws(SQLiteError) -> String in try row[0] }
            }
        }
        let other = try open()
        try other.transaction { db in try db.execute("DELETE FROM thing") }
        #expect(try db.value("SELECT count(*) FROM thing") == 0)
    }

    @Test("the same statement may run within itself")
    func nested() throws {
        func sum(_ db: Database, to number: Int) throws(SQLiteError) -> Int {
            try db.rows("SELECT ?", number) { row throws(SQLiteError) -> Int in
                let number: Int = try row[0]
                return number == 0 ? 0 : number + (try sum(db, to: number - 1))
            }.reduce(0, +)
        }
        #expect(try sum(try open(), to: 5) == 15)
    }

    @Test("who comes second is told that the database is busy, and a file that is missing is not made")
    func unavailable() throws {
        let (first, second) = (try open(), try open())
        try first.execute("BEGIN EXCLUSIVE")
        let busy = #expect(throws: SQLiteError.self) { try second.transaction { _ in } }
        #expect(busy?.primaryCode == SQLITE_BUSY)
        #expect(AuthorityError(database: SQLiteError(SQLITE_BUSY)) == .unavailable)
        let missing = #expect(throws: SQLiteError.self) {
            _ = try Database(path: folder.path("missing.sqlite"), busyTimeoutMs: 0)
        }
        #expect(missing?.primaryCode == SQLITE_CANTOPEN)
        #expect(!FileManager.default.fileExists(atPath: folder.path("missing.sqlite")))
    }

    @Test(
        "what SQLite answers is what the caller must do",
        arguments: [
            (SQLITE_FULL, AuthorityError.unavailable), (SQLITE_IOERR | 10 << 8, .unavailable),
            (SQLITE_CANTOPEN, .unavailable), (SQLITE_READONLY, .unavailable), (SQLITE_CORRUPT, .unusable(.corrupt)),
            (SQLITE_CORRUPT | 1 << 8, .unusable(.corrupt)), (SQLITE_NOTADB, .unusable(.corrupt)),
            (SQLITE_PERM, .unusable(.unreadable)), (SQLITE_AUTH, .unusable(.unreadable)),
        ])
    func mapping(code: Int32, error: AuthorityError) {
        #expect(AuthorityError(database: SQLiteError(code)) == error)
    }
}
