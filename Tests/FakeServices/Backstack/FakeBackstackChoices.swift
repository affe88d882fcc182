/// The generation of the API, and how it behaves where that is not established.
package struct FakeBackstackChoices: Sendable {
    package enum Generation: Sendable, Hashable {
        /// The second: bare answers, the jwt in the session object, and nowhere else.
        case bare
        /// The third: `success`, `message` and the payload under this name (`data`, or `payload`); the jwt in the
        /// header `X-JWT` of every answer; `X-Session-Status`. Requests carry it in `Authorization`, or in `X-JWT`
        /// beside the app key.
        case enveloped(String)
    }

    package enum OldJWT: Sendable, Hashable {
        /// It goes on standing for the session.
        case follows
        /// It stands for what the session was when it was made: before a sign-in, anonymous.
        case frozen
        /// 401 from the moment on in which there is another.
        case refused
    }

    package enum Accounts: Sendable, Hashable {
        /// `{id: title}`.
        case map
        /// `[{"id", "title"}]`.
        case array
        /// `[{id: title}]`.
        case pairs
    }

    package enum Deletion: Sendable, Hashable {
        /// The sessions go on without a login: 200, `auth: false`.
        case signsOut
        /// The jwts are refused: 401.
        case refuses
    }

    package var generation = Generation.bare
    /// Every answer that can carry a jwt brings a new one; else only a sign-in and what changes it do.
    package var rotates = true
    package var oldJWT = OldJWT.follows
    /// No answer brings a jwt, and so none is replaced, except for the one that begins a session.
    package var leavesJWTOut = false
    /// The session object of the third generation has a `jwt` too.
    package var putsJWTInEnvelope = false

    /// Of the accounts at a login with several.
    package var loginAccounts = Accounts.map
    /// Of GET change-account.
    package var changeAccounts = Accounts.map
    /// The calls for changing accounts are below `/account` and nowhere else, as in the third generation.
    package var hasMovedAccounts = false
    /// `auth` is the string `select_account`, and the accounts are in GET /app/login-account only.
    package var namesAccountChoice = false
    /// No `user` before an account is chosen.
    package var hidesUserWhileChoosing = false

    /// Empty maps arrive as `[]`, as PHP writes them.
    package var emptyMapsAsArrays = false
    /// `is_app_account` is 0 or 1.
    package var appAccountAsNumber = false
    /// No `alerts` while nobody is signed in.
    package var leavesAlertsOutSignedOut = false
    /// No `alerts` ever.
    package var leavesAlertsOut = false
    /// Nothing is allowed in `access`, `demo` is true.
    package var isDemo = false

    /// 401 for the app key, whatever it is.
    package var refusesAppKey = false
    /// 401 for every jwt.
    package var refusesJWTs = false
    /// For calls that need a login.
    package var statusWhenSignedOut = 403
    /// For a wrong password, at the login and at the lock.
    package var statusOfWrongPassword = 400
    /// Calls of a locked user other than for the session and the lock get this status; nil: they are served.
    package var statusWhileLocked: Int?
    package var deletionOfUser = Deletion.signsOut
    package var deletionOfAccount = Deletion.signsOut

    package init() {}
}
