import SessionProtocol

struct BackstackUser {
    var id: String
    var username: String
    var password: String
    /// Ids, in the order in which they were given.
    var accounts: [String]
    /// The one that was entered last.
    var lastAccount: String?
    /// What may be done, by account, instead of what the account's version gives: feature to letters.
    var access: [String: [String: String]] = [:]
    var fields: JSONValue

    /// As the service shows it.
    var json: JSONValue {
        fields.placing(.integer(Int64(accounts.count)), at: ["account_user"])
    }
}

/// Whom a session stands for.
struct BackstackStanding: Hashable {
    var userID: String?
    /// nil with a user: an account is to be chosen.
    var accountID: String?

    static let anonymous = BackstackStanding()
}

struct BackstackSession {
    var standing = BackstackStanding.anonymous
    var providerID: String
    /// The newest.
    var jwt: String?
    /// Whether something has changed since the session object was last shown.
    var isStale = false
}

/// What a jwt was made for.
struct BackstackJWT {
    var sessionID: Int
    var standing: BackstackStanding
}
