import SessionProtocol

/// A row of the app's user model.
struct AgnostUser {
    /// The key as text.
    var id: String
    /// As the database holds it, the password's hash included.
    var row: [String: JSONValue]
    /// What the hash is of; nil where there is none.
    var password: String?

    /// As the service shows it.
    var shown: [String: JSONValue] {
        row.filter { $0.key != "password" }
    }

    /// Whether it belongs to the service itself and not to a social login.
    var isOwn: Bool { row["provider"] == "agnost" }
}

/// A session as the session store holds it.
struct AgnostSession {
    /// `sn-…`, the name in the store.
    var key: String
    /// The user's key as text.
    var userID: String
    var token: String
    var json: JSONValue
    /// So many checks do not find it yet.
    var unseenChecks: Int
}

/// A key, a grant or a code that was sent or handed out.
struct AgnostTicket {
    enum Kind {
        /// `at-…`.
        case grant
        /// `tk-…`, in a mail's link.
        case link
        /// Six digits by SMS.
        case code
    }

    enum Action: String {
        case magicLink = "magic-link"
        case emailSignIn = "email-signin"
        case oauthSignUp = "oauth-signup"
        case oauthSignIn = "oauth-signin"
        case resetPassword = "reset-pwd"
        case confirmEmail = "confirm-email"
        case changeEmail = "change-email"
        case confirmPhone = "confirm-phone"
        case changePhone = "change-phone"
        case signIn = "code-signin"

        /// Whether a grant of it signs in.
        var signsIn: Bool {
            switch self {
            case .magicLink, .emailSignIn, .oauthSignUp, .oauthSignIn: true
            default: false
            }
        }
    }

    var kind: Kind
    var key: String
    var address: String
    var action: Action
    var userID: String
    var redirect: String?
    /// Unix ms.
    var expiresAt: Int64
}
