import CSQLite
import Glibc

/// The row that a statement stands at. It cannot be kept: the statement moves on.
struct Row: ~Copyable {
    private let statement: OpaquePointer

    init(of statement: OpaquePointer) { self.statement = statement }

    /// The value of the column of that name.
    subscript<Value: SQLValue>(name: StaticString) -> Value {
        get throws(SQLiteError) {
            for column in 0..<sqlite3_column_count(statement) {
                guard let found = sqlite3_column_name(statement, column) else { throw SQLiteError(SQLITE_NOMEM) }
                guard strcmp(found, name.start) == 0 else { continue }
                return try Value.read(statement, column)
            }
            // There is no such column in what the statement answers with.
            throw SQLiteError(SQLITE_RANGE)
        }
    }

    /// The value of the column of that number, from 0.
    subscript<Value: SQLValue>(column: Int32) -> Value {
        get throws(SQLiteError) {
            guard column < sqlite3_column_count(statement) else { throw SQLiteError(SQLITE_RANGE) }
            return try Value.read(statement, column)
        }
    }
}

extension StaticString {
    /// The text, which ends with NUL, as C has it.
    var start: UnsafePointer<CChar> { UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self) }
}
