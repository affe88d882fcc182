import GRDB

extension AuthorityError {
    /// The one place where what SQLite says becomes what the authority's callers act on.
    ///
    /// Nothing of the error's text is kept: it may quote statements.
    init(database error: any Error) {
        switch error {
        case let error as AuthorityError:
            self = error
        case let error as DatabaseError:
            switch error.resultCode {
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .unusable(.corrupt)
            case .SQLITE_PERM, .SQLITE_AUTH: self = .unusable(.unreadable)
            default: self = .unavailable
            }
        case is RowDecodingError:
            self = .unusable(.corrupt)
        default:
            self = .unavailable
        }
    }
}
