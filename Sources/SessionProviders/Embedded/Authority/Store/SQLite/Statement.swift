import CSQLite

/// A prepared statement, to be run any number of times. Finalised with its last user.
final class Statement {
    private let handle: OpaquePointer

    /// `sql` is one statement.
    init(_ sql: StaticString, on connection: OpaquePointer) throws(SQLiteError) {
        var handle: OpaquePointer?
        var rest: UnsafePointer<CChar>?
        try SQLiteError.check(
            sqlite3_prepare_v3(connection, sql.start, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, &rest))
        // Nothing but a comment gives no statement, and what follows the first would never be run.
        guard let handle else { throw SQLiteError(SQLITE_MISUSE) }
        guard rest?.pointee == 0 else {
            sqlite3_finalize(handle)
            throw SQLiteError(SQLITE_MISUSE)
        }
        self.handle = handle
    }

    deinit { sqlite3_finalize(handle) }

    /// Runs the statement to its end, which is when what it changes is changed, and shows every row that it answers with.
    ///
    /// Whatever happens, the statement holds no lock and none of the values afterwards.
    func run(
        _ values: [any SQLValue], eachRow body: (borrowing Row) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        defer {
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
        guard values.count == Int(sqlite3_bind_parameter_count(handle)) else { throw SQLiteError(SQLITE_RANGE) }
        for (offset, value) in values.enumerated() {
            try SQLiteError.check(value.bind(to: handle, at: Int32(offset + 1)))
        }
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW: try body(Row(of: handle))
            case SQLITE_DONE: return
            case let code: throw SQLiteError(code)
            }
        }
    }
}
