import SessionProtocol

/// The app with its accounts and users, and the sessions.
struct BackstackWorld {
    var ids: FakeIDs
    let appID: String
    var app: JSONValue
    var users: [String: BackstackUser] = [:]
    var accounts: [String: JSONValue] = [:]
    /// What a version of the app gives: feature to letters of `crud`.
    var versions: [String: [String: String]] = [:]
    /// What an optional feature adds.
    var features: [String: [String: String]] = [:]
    var alerts: [JSONValue] = []
    /// Where a new account can be made: id to title. Empty: nowhere.
    var domains: [String: String] = [:]
    /// Users who have not opened the link in their mail yet, by its token.
    var signUps: [String: BackstackUser] = [:]
    var sessions: [Int: BackstackSession] = [:]
    /// The ones that are taken.
    var jwts: [String: BackstackJWT] = [:]
    /// Tokens for a new password, and whose, the newest last.
    var resets: [(token: String, userID: String)] = []
    /// Ids that a browser has brought back from the login pages.
    var fetches: [String: BackstackStanding] = [:]
    private let secret: String
    private var sessionCount = 0

    init(seed: UInt32) {
        ids = FakeIDs(seed: seed)
        appID = "app_" + ids.digits(10)
        secret = ids.alphanumerics(32)
        app = [
            "id": .string(appID), "title": "Depot", "created": 1_700_000_001, "login_url": "https://depot.example/in",
            "reset_url": "https://depot.example/reset", "signup_url": "https://depot.example/signup",
            "network_url": "https://depot.example/network", "stripe_pub_key": "", "stripe_key_exists": false,
            "allow_signup": false,
        ]
    }

    mutating func openSession(providerID: String) -> Int {
        sessionCount += 1
        sessions[sessionCount] = BackstackSession(providerID: providerID)
        return sessionCount
    }

    /// The session that a jwt is good for now.
    mutating func session(of jwt: String, _ old: FakeBackstackChoices.OldJWT) -> Int? {
        guard let made = jwts[jwt], let session = sessions[made.sessionID] else { return nil }
        guard old == .frozen, made.standing != session.standing else { return made.sessionID }
        let copy = openSession(providerID: session.providerID)
        let isThere = made.standing.userID.map { users[$0] != nil } ?? true
        sessions[copy]?.standing = isThere ? made.standing : .anonymous
        return copy
    }

    mutating func issueJWT(_ sessionID: Int, _ old: FakeBackstackChoices.OldJWT, now: Int64) -> String {
        let standing = sessions[sessionID]?.standing ?? .anonymous
        let jwt = FakeJWT.sign(
            [
                "app_id": .string(appID), "account_id": .string(standing.accountID ?? ""),
                "user_id": .string(standing.userID ?? ""), "timestamp": .integer(now / 1000),
                "nonce": .string(ids.alphanumerics(8)),
            ], key: secret)
        if old == .refused { jwts = jwts.filter { $0.value.sessionID != sessionID } }
        jwts[jwt] = BackstackJWT(sessionID: sessionID, standing: standing)
        sessions[sessionID]?.jwt = jwt
        return jwt
    }

    func accounts(of userID: String, _ shape: FakeBackstackChoices.Accounts) -> JSONValue {
        let entries = (users[userID]?.accounts ?? []).map { (id: $0, title: accounts[$0]?["title"] ?? "") }
        switch shape {
        case .map: return .object(Dictionary(entries.map { ($0.id, $0.title) }) { first, _ in first })
        case .array: return .array(entries.map { ["id": .string($0.id), "title": $0.title] })
        case .pairs: return .array(entries.map { .object([$0.id: $0.title]) })
        }
    }

    /// What the version and the optional features of the account give, or what was set for the user; nothing in demo
    /// mode, nothing while the screen is locked.
    func access(_ standing: BackstackStanding, isDemo: Bool) -> [String: String] {
        guard !isDemo, let userID = standing.userID, let accountID = standing.accountID, let user = users[userID],
            let account = accounts[accountID], user.fields["screen_locked"] != true
        else { return [:] }
        if let own = user.access[accountID] { return own }
        var access = versions[account["version_id"]?.stringValue ?? ""] ?? [:]
        for feature in account["optional_features"]?.arrayValue ?? [] {
            access.merge(features[feature.stringValue ?? ""] ?? [:]) { first, second in
                String("crud".filter { first.contains($0) || second.contains($0) })
            }
        }
        return access
    }

    func isLocked(_ sessionID: Int) -> Bool {
        let user = sessions[sessionID]?.standing.userID.flatMap { users[$0] }
        return user?.fields["screen_locked"] == true
    }
}
