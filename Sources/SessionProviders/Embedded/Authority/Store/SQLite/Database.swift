import CSQLite

/// A connection to an SQLite database, with the statements that it has prepared.
///
/// SQL is a `StaticString`: values reach it by its parameters alone. The connection is of one isolation (it is not
/// `Sendable`), and SQLite takes no locks of its own for it.
final class Database {
    private let connection: OpaquePointer
    /// By their text; one that is running is not among them.
    private var idle: [String: Statement] = [:]

    /// Opens the database in a file that is there.
    init(path: String, busyTimeoutMs: Int32) throws(SQLiteError) {
        var connection: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = sqlite3_open_v2(path, &connection, flags, nil)
        guard code == SQLITE_OK, let connection else {
            // What could not be opened must be closed all the same.
            sqlite3_close_v2(connection)
            throw SQLiteError(code == SQLITE_OK ? SQLITE_NOMEM : code)
        }
        self.connection = connection
        try SQLiteError.check(sqlite3_busy_timeout(connection, busyTimeoutMs))
        try SQLiteError.check(csqlite_forbid_double_quoted_strings(connection))
        try addCollation()
        try execute("PRAGMA foreign_keys = ON")
    }

    deinit {
        idle = [:]
        sqlite3_close_v2(connection)
    }

    /// Whether a transaction was begun and not ended.
    var isInTransaction: Bool { sqlite3_get_autocommit(connection) == 0 }

    func execute(_ sql: StaticString, _ values: any SQLValue...) throws(SQLiteError) {
        try run(sql, values) { _ throws(SQLiteError) in }
    }

    /// All that the statement answers with.
    func rows<Record>(
        _ sql: StaticString, _ values: any SQLValue..., as record: (borrowing Row) throws(SQLiteError) -> Record
    ) throws(SQLiteError) -> [Record] {
        var records: [Record] = []
        try run(sql, values) { row throws(SQLiteError) in records.append(try record(row)) }
        return records
    }

    /// The first column of the first row; nil where there is no row.
    func value<Value: SQLValue>(_ sql: StaticString, _ values: any SQLValue...) throws(SQLiteError) -> Value? {
        var first: Value?
        try run(sql, values) { row throws(SQLiteError) in
            guard first == nil else { return }
            // Of this very type: an Optional is a value too, and would read NULL as no row.
            let value: Value = try row[0]
            first = value
        }
        return first
    }

    /// Runs statements that take no values and whose answers do not matter.
    func script(_ sql: StaticString) throws(SQLiteError) {
        try SQLiteError.check(sqlite3_exec(connection, sql.start, nil, nil, nil))
    }

    /// Carries out `body` whole, or not at all where it throws.
    ///
    /// It has the only right to write from the beginning: what it reads stays so until it ends.
    func transaction<Answer>(_ body: (Database) throws -> Answer) throws -> Answer {
        try execute("BEGIN IMMEDIATE")
        do {
            let answer = try body(self)
            try execute("COMMIT")
            return answer
        } catch {
            // Some errors have rolled back already. Whoever called asks `isInTransaction` whether this has worked.
            if isInTransaction { try? execute("ROLLBACK") }
            throw error
        }
    }

    private func run(
        _ sql: StaticString, _ values: [any SQLValue], eachRow body: (borrowing Row) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        let text = sql.description
        // Taken out, so that `body` may run the same statement anew.
        let statement: Statement
        if let known = idle.removeValue(forKey: text) {
            statement = known
        } else {
            statement = try Statement(sql, on: connection)
        }
        defer { idle[text] = statement }
        try statement.run(values, eachRow: body)
    }

    /// The order of Swift's strings, which holds canonical equivalents equal. Databases name it in their tables.
    private func addCollation() throws(SQLiteError) {
        try SQLiteError.check(
            sqlite3_create_collation_v2(
                connection, "swiftCompare", SQLITE_UTF8, nil,
                { _, leftCount, left, rightCount, right in
                    let left = String(
                        decoding: UnsafeRawBufferPointer(start: left, count: Int(leftCount)), as: UTF8.self)
                    let right = String(
                        decoding: UnsafeRawBufferPointer(start: right, count: Int(rightCount)), as: UTF8.self)
                    return left < right ? -1 : left == right ? 0 : 1
                }, nil))
    }
}
