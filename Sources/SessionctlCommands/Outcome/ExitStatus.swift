/// What `sessionctl` tells the shell (docs/sessionctl.md, "Exit codes").
package enum ExitStatus: Int32, Sendable, CaseIterable {
    /// Done, or the answer is yes.
    case done = 0
    /// Failed, or the answer is no.
    case failed = 1
    case notSignedIn = 3
    /// The command line or a value on it is wrong (EX_USAGE).
    case usage = 64
    /// No daemon, or no auth service behind it (EX_UNAVAILABLE).
    case unavailable = 69
    /// The same call may well succeed a little later (EX_TEMPFAIL).
    case tryAgain = 75
    /// The daemon does not let this user do that (EX_NOPERM).
    case notAllowed = 77
}

extension ExitStatus {
    /// The status for an error kind of docs/protocol.md, section 3, or for one of the client's own.
    package init(errorKind: String) {
        self =
            switch errorKind {
            case "notSignedIn": .notSignedIn
            case "permissionDenied": .notAllowed
            case "unavailable", "untrustedServer", "upstreamUnavailable": .unavailable
            case "busy", "tooManySubscriptions", "deadlineExceeded", "shuttingDown", "conflict", "cancelled": .tryAgain
            case "usage", "invalidParams": .usage
            default: .failed
            }
    }
}
