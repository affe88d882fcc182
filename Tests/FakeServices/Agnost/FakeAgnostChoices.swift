package import SessionProtocol

/// What the app's designer sets, in what state the service is, and how it behaves where that is not established.
package struct FakeAgnostChoices: Sendable {
    package enum IDs: Sendable, Hashable {
        /// MongoDB: `_id`, 24 hexadecimals.
        case mongo
        /// SQL: `id`, a number.
        case numbers
        /// SQL: `id`, a text.
        case texts
    }

    package enum UserAgents: Sendable, Hashable {
        /// `ua`, `browser`, `engine`, `os`, `device`, `cpu`.
        case parsed
        /// `family`, `major`, `minor`, `patch`, `device`, `os`, as Altogic made it and as the manual shows it.
        case altogic
        /// As where a request has no User-Agent.
        case missing
    }

    // The app.
    package var allowsEmail = true
    package var allowsPhone = true
    package var allowsCodes = true
    /// A sign-up by e-mail or a change of it waits for a click in a mail.
    package var confirmsEmail = false
    /// A sign-up by phone or a change of it waits for a code.
    package var confirmsPhone = false
    /// Taken where a call that sends a mail names no `redirectURL`.
    package var redirectURL: String?
    package var ids = IDs.mongo

    // The state of the service, each at its place in the order in which requests are checked.
    /// 429.
    package var isRateLimited = false
    /// 403 `api_server_not_ready` or `suspended_environment`.
    package var serverProblem: String?
    /// `expired_api_key`, `endpoints_not_allowed`, `domain_not_authorized`…, whatever the key.
    package var apiKeyProblem: String?
    /// 400 `missing_auth_user_data_model`…, on the calls that use the user model.
    package var userModelProblem: String?

    // The session store.
    /// So many checks of a session that is made from now on do not find it yet (a replica lags).
    package var checksUntilSeen = 0
    /// So many checks of a session that ends from now on still find it.
    package var checksUntilGone = 0
    /// `signout-all` and `signout-all-except` fail with a ReferenceError, as in all published versions.
    package var isSignOutAllBroken = true

    // The shape of sessions that are made from now on.
    package var userAgents = UserAgents.parsed
    package var sendsCreationTime = true
    /// Altogic's `accessGroupKeys`; nil: the member is missing.
    package var accessGroupKeys: JSONValue?

    /// Of grants and of the keys in mails, in ms.
    package var grantLifetime: Int64 = 3_600_000
    /// Of codes by SMS, in ms; the real one is not established.
    package var codeLifetime: Int64 = 3_600_000

    package init() {}
}
