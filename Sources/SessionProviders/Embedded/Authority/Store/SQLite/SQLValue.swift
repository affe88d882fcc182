import CSQLite

/// A value that a statement takes and a column gives, each in one of SQLite's types.
protocol SQLValue {
    /// Binds the value to the parameter of that number, from 1, and answers with SQLite's code.
    func bind(to statement: OpaquePointer, at parameter: Int32) -> Int32

    /// The value of the column of that number, from 0, in the statement's present row.
    static func read(_ statement: OpaquePointer, _ column: Int32) throws(SQLiteError) -> Self
}

extension Int64: SQLValue {
    func bind(to statement: OpaquePointer, at parameter: Int32) -> Int32 {
        sqlite3_bind_int64(statement, parameter, self)
    }

    static func read(_ statement: OpaquePointer, _ column: Int32) throws(SQLiteError) -> Int64 {
        guard sqlite3_column_type(statement, column) == SQLITE_INTEGER else { throw .mismatch }
        return sqlite3_column_int64(statement, column)
    }
}

extension Int: SQLValue {
    func bind(to statement: OpaquePointer, at parameter: Int32) -> Int32 {
        Int64(self).bind(to: statement, at: parameter)
    }

    static func read(_ statement: OpaquePointer, _ column: Int32) throws(SQLiteError) -> Int {
        guard let value = Int(exactly: try Int64.read(statement, column)) else { throw .mismatch }
        return value
    }
}

/// SQLite's own truth: 0 is false, every other number true.
extension Bool: SQLValue {
    func bind(to statement: OpaquePointer, at parameter: Int32) -> Int32 {
        sqlite3_bind_int(statement, parameter, self ? 1 : 0)
    }

    static func read(_ statement: OpaquePointer, _ column: Int32) throws(SQLiteError) -> Bool {
        try Int64.read(statement, column) != 0
    }
}

extension String: SQLValue {
    func bind(to statement: OpaquePointer, at parameter: Int32) -> Int32 {
        var text = self
        return text.withUTF8 { bytes in
            // Without an address SQLite would take an empty text for NULL.
            guard let start = bytes.baseAddress else { return csqlite_bind_text(statement, parameter, "", 0) }
            return csqlite_bind_text(statement, parameter, start, UInt64(bytes.count))
        }
    }

    static func read(_ statement: OpaquePointer, _ column: Int32) throws(SQLiteError) -> String {
        guard sqlite3_column_type(statement, column) == SQLITE_TEXT else { throw .mismatch }
        guard let start = sqlite3_column_text(statement, column) else { throw SQLiteError(SQLITE_NOMEM) }
        // The length is asked for after the text, whose conversion may change it.
        let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .mismatch }
        return text
    }
}

extension [UInt8]: SQLValue {
    func bind(to statement: OpaquePointer, at parameter: Int32) -> Int32 {
        withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return sqlite3_bind_zeroblob(statement, parameter, 0) }
            return csqlite_bind_blob(statement, parameter, start, UInt64(bytes.count))
        }
    }

    static func read(_ statement: OpaquePointer, _ column: Int32) throws(SQLiteError) -> [UInt8] {
        guard sqlite3_column_type(statement, column) == SQLITE_BLOB else { throw .mismatch }
        let start = sqlite3_column_blob(statement, column)
        let count = Int(sqlite3_column_bytes(statement, column))
        // An empty blob has no address.
        guard start != nil || count == 0 else { throw SQLiteError(SQLITE_NOMEM) }
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }
}

extension Optional: SQLValue where Wrapped: SQLValue {
    func bind(to statement: OpaquePointer, at parameter: Int32) -> Int32 {
        self?.bind(to: statement, at: parameter) ?? sqlite3_bind_null(statement, parameter)
    }

    static func read(_ statement: OpaquePointer, _ column: Int32) throws(SQLiteError) -> Wrapped? {
        guard sqlite3_column_type(statement, column) != SQLITE_NULL else { return nil }
        return try Wrapped.read(statement, column)
    }
}
