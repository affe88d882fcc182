import CSQLite

extension AuthorityError {
    /// The one place where what SQLite says becomes what the authority's callers act on.
    init(database error: any Error) {
        switch error {
        case let error as AuthorityError:
            self = error
        case let error as SQLiteError:
            switch error.primaryCode {
            case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_MISMATCH: self = .unusable(.corrupt)
            case SQLITE_PERM, SQLITE_AUTH: self = .unusable(.unreadable)
            default: self = .unavailable
            }
        default:
            self = .unavailable
        }
    }
}
