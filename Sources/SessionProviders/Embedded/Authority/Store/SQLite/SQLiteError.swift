import CSQLite

/// What SQLite answered instead of doing it.
///
/// A code and no text: SQLite's messages quote statements and what stands in the tables.
struct SQLiteError: Error, Sendable, Hashable {
    /// Extended where SQLite has one (sqlite.org/rescode.html).
    let code: Int32

    /// The code without what extends it: what went wrong, and not where.
    var primaryCode: Int32 { code & 0xFF }

    init(_ code: Int32) { self.code = code }

    /// A column holds a value of another type than the one asked for, or none, or a text that is no UTF-8.
    static let mismatch = SQLiteError(SQLITE_MISMATCH)

    /// Throws what is no success.
    static func check(_ code: Int32) throws(SQLiteError) {
        guard code == SQLITE_OK else { throw SQLiteError(code) }
    }
}
