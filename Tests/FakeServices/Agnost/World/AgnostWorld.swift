import SessionProtocol

/// The user model, the session store and what was sent.
struct AgnostWorld {
    let environment: String
    var ids: FakeIDs
    /// By the key as text.
    var users: [String: AgnostUser] = [:]
    /// By `sn-…`; there is no end by time.
    var sessions: [String: AgnostSession] = [:]
    /// The keys of a user's sessions: a list of its own, which can lose some.
    var lists: [String: [String]] = [:]
    /// Ended ones that some more checks find.
    private var lingering: [String: (session: AgnostSession, checks: Int)] = [:]
    var tickets: [AgnostTicket] = []
    /// `JWT_SECRET`.
    private var secret: String

    init(environment: String, seed: UInt32) {
        self.environment = environment
        ids = FakeIDs(seed: seed)
        secret = ids.alphanumerics(32)
    }

    func user(email: String) -> AgnostUser? {
        users.values.first { $0.row["email"]?.stringValue == email }
    }

    func user(phone: String) -> AgnostUser? {
        users.values.first { $0.row["phone"]?.stringValue == phone }
    }

    mutating func addUser(
        _ fields: [String: JSONValue], password: String?, ids style: FakeAgnostChoices.IDs, now: Int64
    ) -> AgnostUser {
        let key: JSONValue
        switch style {
        case .mongo: key = .string(ids.hexadecimals(24))
        case .numbers: key = .integer(ids.number())
        case .texts: key = .string("usr-" + ids.alphanumerics(12))
        }
        let id = key.stringValue ?? key.integerValue.map { String($0) } ?? ""
        var row = fields
        row[style == .mongo ? "_id" : "id"] = key
        row["provider"] = fields["provider"] ?? "agnost"
        row["signUpAt"] = .string(FakeTime.iso(now))
        users[id] = AgnostUser(id: id, row: row, password: nil)
        if let password { setPassword(password, of: id) }
        return users[id] ?? AgnostUser(id: id, row: row)
    }

    mutating func setPassword(_ password: String, of id: String) {
        users[id]?.password = password
        users[id]?.row["password"] = .string("$2b$10$" + ids.alphanumerics(53))
    }

    mutating func open(
        _ userID: String, userAgent: String?, choices: FakeAgnostChoices, now: Int64
    ) -> AgnostSession {
        let key = "sn-" + ids.alphanumerics(36)
        let row = users[userID]?.row ?? [:]
        let id = row["_id"] ?? row["id"] ?? .string(userID)
        let claims: JSONValue = [
            "envId": .string(environment), "userId": id, "key": .string(key), "iat": .integer(now / 1000),
        ]
        let token = FakeJWT.sign(claims, key: secret)
        var members: [String: JSONValue] = ["userId": id, "token": .string(token)]
        if choices.sendsCreationTime { members["creationDtm"] = .string(FakeTime.iso(now)) }
        if let userAgent, !userAgent.isEmpty { members["userAgent"] = Self.parsed(userAgent, choices.userAgents) }
        if let keys = choices.accessGroupKeys { members["accessGroupKeys"] = keys }
        let session = AgnostSession(
            key: key, userID: userID, token: token, json: .object(members), unseenChecks: choices.checksUntilSeen)
        sessions[key] = session
        lists[userID, default: []].append(key)
        return session
    }

    private static func parsed(_ text: String, _ shape: FakeAgnostChoices.UserAgents) -> JSONValue? {
        let version: JSONValue = ["family": "Other", "major": "0", "minor": "0", "patch": "0"]
        switch shape {
        case .missing: return nil
        case .parsed:
            return ["ua": .string(text), "browser": [:], "engine": [:], "os": [:], "device": [:], "cpu": [:]]
        case .altogic:
            return [
                "family": .string(text), "major": "0", "minor": "0", "patch": "0", "device": version, "os": version,
            ]
        }
    }

    /// The key in a token that this environment has signed.
    func key(of token: String) -> String? {
        let claims = FakeJWT.claims(token, key: secret)
        guard claims?["envId"]?.stringValue == environment else { return nil }
        return claims?["key"]?.stringValue
    }

    /// Whether a token has a session, as the store's replica sees it.
    mutating func check(_ token: String) -> AgnostSession? {
        guard let key = key(of: token) else { return nil }
        if let (session, checks) = lingering[key] {
            lingering[key] = checks > 1 ? (session, checks - 1) : nil
            return session
        }
        guard let session = sessions[key] else { return nil }
        guard session.unseenChecks > 0 else { return session }
        sessions[key]?.unseenChecks -= 1
        return nil
    }

    mutating func end(_ key: String, stillFound checks: Int = 0) {
        guard let session = sessions.removeValue(forKey: key) else { return }
        lists[session.userID]?.removeAll { $0 == key }
        if lists[session.userID]?.isEmpty == true { lists[session.userID] = nil }
        if checks > 0 { lingering[key] = (session, checks) }
    }

    mutating func changeSecret() {
        secret = ids.alphanumerics(32)
    }
}
