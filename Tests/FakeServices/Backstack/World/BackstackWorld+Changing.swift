import SessionProtocol

/// Changes, and which sessions they make stale.
extension BackstackWorld {
    mutating func touch(user id: String) {
        touch { $0.userID == id }
    }

    mutating func touch(account id: String) {
        touch { $0.accountID == id }
    }

    mutating func touch(where isAffected: (BackstackStanding) -> Bool = { _ in true }) {
        for (id, session) in sessions where isAffected(session.standing) { sessions[id]?.isStale = true }
    }

    /// nil removes what is there.
    mutating func setAccount(_ id: String, _ place: [String], _ value: JSONValue?) {
        guard let account = accounts[id] else { return }
        accounts[id] = account.placing(value, at: place[...])
        touch(account: id)
    }

    mutating func lock(_ userID: String, _ isLocked: Bool) {
        guard let fields = users[userID]?.fields else { return }
        users[userID]?.fields = fields.placing(.bool(isLocked), at: ["screen_locked"])
        touch(user: userID)
    }

    /// Whether it is on now.
    mutating func toggle(feature: String, of accountID: String) -> Bool {
        var features = accounts[accountID]?["optional_features"]?.arrayValue ?? []
        let isOn = !features.contains(.string(feature))
        if isOn { features.append(.string(feature)) } else { features.removeAll { $0 == .string(feature) } }
        setAccount(accountID, ["optional_features"], .array(features))
        return isOn
    }

    mutating func delete(user id: String, _ what: FakeBackstackChoices.Deletion) {
        users[id] = nil
        end(what) { $0.userID == id }
    }

    mutating func delete(account id: String, _ what: FakeBackstackChoices.Deletion) {
        accounts[id] = nil
        for user in users.keys { users[user]?.accounts.removeAll { $0 == id } }
        end(what) { $0.accountID == id }
    }

    /// Logins end, or the sessions themselves.
    mutating func end(_ what: FakeBackstackChoices.Deletion, where isAffected: (BackstackStanding) -> Bool) {
        for (id, session) in sessions where isAffected(session.standing) {
            switch what {
            case .signsOut: sessions[id]?.standing = .anonymous
            case .refuses: sessions[id] = nil
            }
        }
    }
}
