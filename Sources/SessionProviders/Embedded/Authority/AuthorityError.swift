import SessionCore

/// Why the authority did not do it, named by what its caller must do.
///
/// No case holds anything that a person typed or a token.
enum AuthorityError: Error, Sendable, Hashable {
    /// Ask again later: the disk is full or failing, or another process holds the database.
    case unavailable
    /// Ask again soon: too many passwords are being checked at once.
    case busy
    /// An administrator must mend the database.
    case unusable(Defect)
    /// Refused. The reason is a stable code of docs/protocol.md, section 8.
    case rejected(Reason)
    case invalidField(path: String, expected: String)
    /// The session that the caller spoke for is gone.
    case ended(EndReason)

    /// What is wrong with the database; the raw value is the `reason` of a `misconfigured` error.
    enum Defect: String, Sendable {
        /// The folder or the file cannot be reached, or is no plain file.
        case unreadable = "authority_unreadable"
        /// The file belongs to another user.
        case foreign = "authority_foreign"
        /// The file is no database, or a damaged one.
        case corrupt = "authority_corrupt"
        /// The file was written by a newer version of the daemon.
        case newer = "authority_newer"
        /// The file was moved, deleted or replaced under the running daemon.
        case replaced = "authority_replaced"
    }

    /// The `reason` of an `upstreamRejected` error.
    enum Reason: String, Sendable {
        case invalidCredentials = "invalid_credentials"
        case usernameTaken = "username_taken"
        case userDisabled = "user_disabled"
        case userNotFound = "user_not_found"
        case signUpDisabled = "sign_up_disabled"
        case invalidGrant = "invalid_grant"
        case sessionNotFound = "session_not_found"
    }
}
